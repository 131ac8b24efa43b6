#include "scenarios/kademlia/kademlia_options.h"

#include "scenarios/protocol/option_reader.h"
#include "scenarios/protocol/period_option.h"

namespace peerbed::scenarios {
std::shared_ptr<const KademliaOptions> read_kademlia_group(MapReader& map) {
  kademlia::Options options;
  OptionReader option(map);
  option("bucket_size", options.bucket_size, 1, kademlia::maximum_bucket_size);
  option("replacement_cache", options.replacement_cache, 0, kademlia::maximum_bucket_size);
  option("stale_after", options.stale_after, 1, 16);
  option("ping_after", options.ping_after, shortest_period);
  option("refresh_period", options.refresh_period, shortest_period);
  option("concurrency", options.concurrency, 1, kademlia::maximum_concurrency);
  option("resiliency", options.resiliency, 1, kademlia::maximum_bucket_size);
  if (const auto mode = map.find("lookup_mode"); mode && mode->choice({"pipelined", "rounds"}) == 1)
    options.lookup_mode = kademlia::LookupMode::rounds;
  read_period_or_never(map, "lookup_period", options.lookup_period);
  option("initial_timeout", options.initial_timeout, shortest_period);
  option("rpc_timeout", options.rpc_timeout, shortest_period);
  option("rpc_attempts", options.rpc_attempts, 1, 16);
  read_period_or_never(map, "remember_silence", options.remember_silence);
  option("read_quorum", options.read_quorum, 1, kademlia::maximum_bucket_size);
  option("value_lifetime", options.value_lifetime, shortest_period);
  read_period_or_never(map, "republish_period", options.republish_period);
  read_period_or_never(map, "replicate_period", options.replicate_period);
  option("maximum_values", options.maximum_values, 1, 10'000'000);
  option("period_jitter_percent", options.period_jitter_percent, 0, 100);
  auto read = std::make_shared<KademliaOptions>();
  read->options = std::make_shared<const kademlia::Options>(options);
  return read;
}

}  // namespace peerbed::scenarios
