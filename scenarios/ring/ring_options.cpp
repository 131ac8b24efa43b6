#include "scenarios/ring/ring_options.h"

#include <array>
#include <map>
#include <set>
#include <span>

#include "scenarios/ring/ring_protocol.h"
#include "scenarios/text/units.h"

namespace peerbed::scenarios {
namespace {

constexpr unsigned coursework_bits = 8;

void read_periods(OptionReader& option, ring::Options& options) {
  option("stabilize_period", options.stabilize_period, shortest_period);
  option("check_predecessor_period", options.check_predecessor_period, shortest_period);
  option("fix_finger_period", options.fix_finger_period, shortest_period);
  option("repair_period", options.repair_period, shortest_period);
  option("tombstone_lifetime", options.tombstone_lifetime, shortest_period);
  option("maximum_clock_lead", options.maximum_clock_lead, shortest_period);
  option("ping_interval", options.ping_interval, shortest_period);
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
  option("missed_pings", options.missed_pings, 1, 1000);
}

void read_switches(OptionReader& option, ring::Options& options) {
  option("notify_on_leave", options.notify_on_leave);
  option("successor_list_as_fingers", options.successor_list_as_fingers);
  option("acknowledge_hops", options.acknowledge_hops);
  option("forget_silent_fingers", options.forget_silent_fingers);
  option("gets_end_early", options.gets_end_early);
}

// These may be zero, which means never.
void read_period_or_never(MapReader& map, std::string_view key, Duration& period) {
  const auto field = map.find(key);
  if (!field) return;
  period = field->duration();
  if (period > Duration::zero()) period = field->period();
}

// The owner knows nobody beyond its successor list.
void refuse_too_many_replicas(const MapReader& map, const ring::Options& options) {
  if (options.replicas <= options.successor_list_length + 1 || options.profile == ring::Profile::coursework) return;
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

// What a profile leaves unused would be set in vain.
void refuse_others_options(const MapReader& map, ring::Profile profile) {
  constexpr std::array of_chord{"successor_list_length",
                                "stabilize_period",
                                "check_predecessor_period",
                                "notify_on_leave",
                                "period_jitter_percent",
                                "initial_timeout",
                                "lookup_mode",
                                "successor_list_as_fingers",
                                "acknowledge_hops",
                                "forget_silent_fingers",
                                "fix_finger_period",
                                "fingers_per_run",
                                "hop_timeout",
                                "hop_attempts",
                                "hedge_after",
                                "lookup_timeout",
                                "lookup_attempts",
                                "lookup_period",
                                "replicas",
                                "repair_period",
                                "maximum_values",
                                "operation_attempts",
                                "tombstone_lifetime",
                                "maximum_clock_lead",
                                "gets_end_early"};
  constexpr std::array of_coursework{"ping_interval", "missed_pings", "known"};
  const bool is_chord = profile == ring::Profile::chord;
  const std::span<const char* const> unused = is_chord ? std::span<const char* const>(of_coursework) : of_chord;
  for (const char* key : unused)
    if (map.has(key))
      map.field().within(key).fail(
          is_chord ? "the profile chord does not use this; remove it, or use the profile coursework"
                   : "the profile coursework does not use this; remove it, or use the profile chord");
}

std::vector<ring::Key> read_identifiers(const Field& field, ring::KeySpace space, std::size_t count) {
  std::vector<ring::Key> keys;
  std::set<ring::Key> seen;
  for (const Field& element : field.elements()) {
    const ring::Key key{element.count(0, space.wrap(UINT64_MAX).value)};
    if (!seen.insert(key).second)
      element.fail("the identifier " + element.text() + " is given twice; give each node its own");
    keys.push_back(key);
  }
  if (keys.size() != count)
    field.fail(std::string(keys.size() == 1 ? "there is " : "there are ") + show_counted(keys.size(), "identifier") +
               " for " + show_counted(count, "node") + "; give one for each");
  return keys;
}

void refuse_small_ring(const Field& options, unsigned bits, std::size_t count) {
  if (bits < 64 && count > std::uint64_t{1} << (bits - 1))
    options.fail("a ring of " + std::to_string(bits) + " bits is too small for " + show_counted(count, "node") +
                 "; use fewer nodes or more key_bits");
}

// Where the group's i-th identifier stands.
Field identifier(const Field& options, std::size_t index) { return options.within("identifiers").elements()[index]; }

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
  refuse_others_options(map, options.profile);
  if (const auto bits = map.find("key_bits"); bits && options.profile == ring::Profile::coursework)
    bits->count(coursework_bits, coursework_bits);
  if (options.lookup_mode == ring::LookupMode::iterative)
    if (const auto early = map.find("gets_end_early"); early && options.gets_end_early)
      early->fail("iterative lookups do not use this; remove it, or set lookup_mode: recursive");
}

std::shared_ptr<const RingOptions> read_ring_group(MapReader& map, std::size_t count) {
  ring::Options options;
  if (const auto profile = map.find("profile"); profile && profile->choice({"chord", "coursework"}) == 1) {
    options.profile = ring::Profile::coursework;
    options.key_bits = coursework_bits;
  }
  auto read = std::make_shared<RingOptions>();
  const auto identifiers = map.find("identifiers");
  const auto known = map.find("known");
  read_ring_options(map, options);
  const ring::KeySpace space(options.key_bits);
  refuse_small_ring(map.field(), options.key_bits, count);
  if (identifiers) read->identifiers = read_identifiers(*identifiers, space, count);
  if (known) read->known = ring::Key{known->count(0, space.wrap(UINT64_MAX).value)};
  read->options = std::make_shared<const ring::Options>(options);
  return read;
}

void check_ring_groups(std::span<const GroupInFile> groups) {
  const auto options_of = [](const GroupInFile& group) -> const RingOptions& {
    return static_cast<const RingOptions&>(*group.plan->options);
  };
  const ring::Options& first = *options_of(groups.front()).options;
  std::map<ring::Key, std::string_view> owners;
  std::size_t count = 0;
  bool all_named = true;
  for (const GroupInFile& group : groups) {
    const RingOptions& options = options_of(group);
    if (options.options->profile != first.profile || options.options->key_bits != first.key_bits)
      group.options.fail("all nodes of a ring must have the same profile and key_bits; group '" +
                         groups.front().plan->name + "' differs");
    count += group.plan->count;
    refuse_small_ring(group.options, first.key_bits, count);
    all_named = all_named && !options.identifiers.empty();
    for (std::size_t i = 0; i < options.identifiers.size(); ++i) {
      const auto [owner, is_new] = owners.emplace(options.identifiers[i], group.plan->name);
      if (!is_new)
        identifier(group.options, i)
            .fail("the identifier " + std::to_string(options.identifiers[i].value) +
                  " already belongs to a node of group '" + std::string(owner->second) + "'; give each node its own");
    }
  }
  for (const GroupInFile& group : groups)
    if (const std::size_t replicas = options_of(group).options->replicas;
        replicas > count && group.options.value().find("replicas") != nullptr)
      group.options.within("replicas")
          .fail("the ring has only " + show_counted(count, "node") + "; use fewer replicas or more nodes");
  if (!all_named) return;  // then nobody knows before the run who is called what
  for (const GroupInFile& group : groups)
    if (const auto known = options_of(group).known; known && !owners.contains(*known))
      group.options.within("known").fail("no node has the identifier " + std::to_string(known->value) +
                                         "; name one from `identifiers`");
}

}  // namespace peerbed::scenarios
