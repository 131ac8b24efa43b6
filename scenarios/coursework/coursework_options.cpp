#include "scenarios/coursework/coursework_options.h"
#include "scenarios/protocol/option_reader.h"

namespace peerbed::scenarios {

std::shared_ptr<const CourseworkOptions> read_coursework_group(MapReader& map, std::size_t count) {
  auto read = std::make_shared<CourseworkOptions>();
  read->key_bits = coursework::peer_space.bits();
  // Files of older versions choose the protocol by `profile`, and may repeat the length of ids.
  if (map.has("profile")) map.find("profile")->choice({"coursework"});
  if (map.has("key_bits")) map.find("key_bits")->count(read->key_bits, read->key_bits);
  read_identifiers(map, count, *read);
  if (const auto known = map.find("known"))
    read->known = ring::Key{known->count(0, coursework::peer_space.wrap(UINT64_MAX).value)};
  coursework::Options options;
  OptionReader option(map);
  option("ping_interval", options.ping_interval, shortest_period);
  option("missed_pings", options.missed_pings, 1, 1000);
  option("rpc_timeout", options.rpc_timeout, shortest_period);
  option("rpc_attempts", options.rpc_attempts, 1, 16);
  read->options = std::make_shared<const coursework::Options>(options);
  return read;
}

void check_coursework_groups(std::span<const GroupInFile> groups) {
  const auto keys = check_ring_places(groups);
  if (!keys) return;  // then nobody knows before the run who is called what
  for (const GroupInFile& group : groups)
    if (const auto known = coursework_options_of(*group.plan).known; known && !keys->contains(*known))
      group.options.within("known").fail("no node has the identifier " + std::to_string(known->value) +
                                         "; name one from `identifiers`");
}

}  // namespace peerbed::scenarios
