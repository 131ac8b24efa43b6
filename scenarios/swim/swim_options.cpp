#include "scenarios/swim/swim_options.h"

#include "scenarios/protocol/option_reader.h"
#include "scenarios/protocol/period_option.h"
#include "scenarios/text/units.h"

namespace peerbed::scenarios {
namespace {

constexpr Duration longest_probe_period = std::chrono::hours(1);

}  // namespace

std::shared_ptr<const SwimOptions> read_swim_group(MapReader& map) {
  swim::Options options;
  OptionReader option(map);
  option("probe_period", options.probe_period, shortest_period);
  option("probe_timeout", options.probe_timeout, shortest_period);
  option("proxies", options.proxies, 0, swim::maximum_proxies);
  if (const auto order = map.find("probe_order"); order && order->choice({"round_robin", "random"}) == 1)
    options.probe_order = swim::ProbeOrder::random;
  option("suspicion_factor", options.suspicion_factor, 0, 64);
  option("suspicion_spread", options.suspicion_spread, 1, 64);
  option("local_health_limit", options.local_health_limit, 0, 64);
  option("buddy_system", options.buddy_system);
  option("piggyback", options.piggyback, 1, swim::maximum_updates);
  option("repeat_factor", options.repeat_factor, 1, 16);
  read_period_or_never(map, "sync_period", options.sync_period);
  option("remember_dead", options.remember_dead, shortest_period);
  option("maximum_members", options.maximum_members, swim::least_list, swim::maximum_list);
  if (options.probe_period > longest_probe_period)
    map.field().within("probe_period").fail("a probe_period is at most " + write_duration(longest_probe_period));
  if (options.probe_timeout >= options.probe_period)
    map.field().fail("proxies need time to answer: make probe_timeout shorter than probe_period, which is " +
                     write_duration(options.probe_period));
  auto read = std::make_shared<SwimOptions>();
  read->options = std::make_shared<const swim::Options>(options);
  return read;
}

}  // namespace peerbed::scenarios
