#include "scenarios/ring/ring_options.h"

#include <algorithm>

#include "scenarios/protocol/option_reader.h"
#include "scenarios/protocol/period_option.h"
#include "scenarios/ring/ring_protocol.h"
#include "scenarios/text/units.h"

namespace peerbed::scenarios {
namespace {

void read_periods(OptionReader& option, ring::Options& options) {
  option("stabilize_period", options.stabilize_period, shortest_period);
  option("check_predecessor_period", options.check_predecessor_period, shortest_period);
  option("fix_finger_period", options.fix_finger_period, shortest_period);
  option("repair_period", options.repair_period, shortest_period);
  option("tombstone_lifetime", options.tombstone_lifetime, shortest_period);
  option("maximum_clock_lead", options.maximum_clock_lead, shortest_period);
  option("initial_timeout", options.initial_timeout, shortest_period);
  option("rpc_timeout", options.rpc_timeout, shortest_period);
  option("hop_timeout", options.hop_timeout, shortest_period);
  option("lookup_timeout", options.lookup_timeout, shortest_period);
}

void read_numbers(OptionReader& option, ring::Options& options) {
  option("key_bits", options.key_bits, 8, 64);
  option("successor_list_length", options.successor_list_length, 1, ring::maximum_successors);
  option("period_jitter_percent", options.period_jitter_percent, 0, 100);
  option("rpc_attempts", options.rpc_attempts, 1, 16);
  option("hop_attempts", options.hop_attempts, 1, 16);
  option("lookup_attempts", options.lookup_attempts, 1, 16);
  option("operation_attempts", options.operation_attempts, 1, 16);
  option("fingers_per_run", options.fingers_per_run, 0, 64);
  option("replicas", options.replicas, 1, ring::maximum_replicas);
  option("maximum_values", options.maximum_values, 1, 10'000'000);
}

void read_switches(OptionReader& option, ring::Options& options) {
  option("notify_on_leave", options.notify_on_leave);
  option("successor_list_as_fingers", options.successor_list_as_fingers);
  option("acknowledge_hops", options.acknowledge_hops);
  option("forget_silent_fingers", options.forget_silent_fingers);
  option("fingers", options.fingers);
  option("check_reachability", options.check_reachability);
  option("gets_end_early", options.gets_end_early);
}

// The owner knows nobody beyond its successor list.
void refuse_too_many_replicas(const MapReader& map, const ring::Options& options) {
  if (options.replicas <= options.successor_list_length + 1) return;
  const std::string holders = "the owner and a list of " + show_counted(options.successor_list_length, "successor") +
                              " are at most " + std::to_string(options.successor_list_length + 1) + " holders";
  if (map.has("replicas"))
    map.field().within("replicas").fail(holders + "; use fewer replicas or a longer successor_list_length");
  map.field()
      .within("successor_list_length")
      .fail(holders + ", but a value has " + std::to_string(options.replicas) +
            " by default; use a longer list, or add `replicas: " + std::to_string(options.successor_list_length + 1) +
            "`");
}

}  // namespace

void read_ring_options(MapReader& map, ring::Options& options) {
  if (const auto mode = map.find("lookup_mode"); mode && mode->choice({"recursive", "iterative"}) == 1)
    options.lookup_mode = ring::LookupMode::iterative;
  OptionReader reader(map);
  read_periods(reader, options);
  read_period_or_never(map, "lookup_period", options.lookup_period);
  read_period_or_never(map, "hedge_after", options.hedge_after);
  read_numbers(reader, options);
  read_switches(reader, options);
  refuse_too_many_replicas(map, options);
  if (!options.fingers)
    for (const char* key : {"fix_finger_period", "fingers_per_run", "forget_silent_fingers"})
      if (const auto field = map.find(key)) field->fail("a ring without fingers does not use this; remove it");
  if (options.lookup_mode == ring::LookupMode::iterative)
    if (const auto early = map.find("gets_end_early"); early && options.gets_end_early)
      early->fail("iterative lookups do not use this; remove it, or set lookup_mode: recursive");
}

std::shared_ptr<const RingOptions> read_ring_group(MapReader& map, std::size_t count) {
  if (const auto profile = map.find("profile")) profile->choice({"chord"});
  auto read = std::make_shared<RingOptions>();
  ring::Options options;
  read_ring_options(map, options);
  read->key_bits = options.key_bits;
  read_identifiers(map, count, *read);
  read->options = std::make_shared<const ring::Options>(options);
  read->is_reachability_said = map.has("check_reachability");
  read->checks_reachability = options.check_reachability;
  return read;
}

std::shared_ptr<const RingOptions> among_gateways(std::shared_ptr<const RingOptions> options) {
  if (options->is_reachability_said) return options;
  ring::Options checking = *options->options;
  checking.check_reachability = true;
  auto changed = std::make_shared<RingOptions>(*options);
  changed->checks_reachability = true;
  changed->options = std::make_shared<const ring::Options>(checking);
  return changed;
}

void check_ring_groups(std::span<const GroupInFile> groups) {
  check_ring_places(groups);
  const auto are_guests = [](const GroupInFile& group) {
    return group.plan->is_behind_gateway && places_of(*group.plan).checks_reachability;
  };
  if (std::all_of(groups.begin(), groups.end(), are_guests))
    groups.front().options.fail(
        "all nodes of the ring are behind NATs or firewalls, and none can be a member; add a group that others can "
        "reach");
  std::size_t count = 0;
  for (const GroupInFile& group : groups) count += group.plan->count;
  for (const GroupInFile& group : groups)
    if (const std::size_t replicas = ring_options_of(*group.plan).options->replicas;
        replicas > count && group.options.value().find("replicas") != nullptr)
      group.options.within("replicas")
          .fail("the ring has only " + show_counted(count, "node") + "; use fewer replicas or more nodes");
}

}  // namespace peerbed::scenarios
