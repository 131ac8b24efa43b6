#include "scenarios/shrink/setting_passes.h"

#include <algorithm>
#include <chrono>
#include <functional>
#include <set>

#include "scenarios/backends/default_latency.h"
#include "scenarios/shrink/round_numbers.h"
#include "scenarios/text/units.h"

namespace peerbed::scenarios {
namespace {

using namespace std::chrono_literals;

constexpr std::int64_t shortest_settle = 1'000'000'000;  // nanoseconds
constexpr std::size_t misses_allowed = 2;  // shorter times that do not fail, before shorter ones are not tried
constexpr std::size_t most_turns = 8;      // of the numbers of nodes around a ring

// Every path to an entry of a map or an element of a sequence, innermost last.
using Path = std::vector<std::size_t>;
void collect_paths(const Value& value, Path& path, std::vector<Path>& paths) {
  const std::size_t size = value.kind == Value::Kind::map ? value.entries.size() : value.elements.size();
  for (std::size_t i = 0; i < size; ++i) {
    path.push_back(i);
    paths.push_back(path);
    collect_paths(value.kind == Value::Kind::map ? value.entries[i].value : value.elements[i], path, paths);
    path.pop_back();
  }
}

Value* value_at(Value& root, const Path& path, std::size_t depth) {
  Value* value = &root;
  for (std::size_t i = 0; i < depth; ++i) {
    const std::size_t size = value->kind == Value::Kind::map ? value->entries.size() : value->elements.size();
    if (path[i] >= size) return nullptr;
    value = value->kind == Value::Kind::map ? &value->entries[path[i]].value : &value->elements[path[i]];
  }
  return value;
}

bool remove_at(Value& root, const Path& path) {
  Value* parent = value_at(root, path, path.size() - 1);
  if (parent == nullptr) return false;
  const auto number = static_cast<std::ptrdiff_t>(path.back());
  if (parent->kind == Value::Kind::map) {
    if (path.back() >= parent->entries.size()) return false;
    parent->entries.erase(parent->entries.begin() + number);
  } else {
    if (path.back() >= parent->elements.size()) return false;
    parent->elements.erase(parent->elements.begin() + number);
  }
  return true;
}

// Removes entries one by one, outer ones before what is in them, from the end so that paths stay right.
bool prune(Workbench& bench, const std::function<Value*(Case&)>& root_of,
           const std::function<bool(const Value&, const Path&)>& may_go) {
  bool any = false;
  Case example = bench.smallest();
  std::vector<Path> paths;
  Path path;
  collect_paths(*root_of(example), path, paths);
  std::stable_sort(paths.begin(), paths.end(), [](const Path& a, const Path& b) {
    const std::size_t common = std::min(a.size(), b.size());
    for (std::size_t i = 0; i < common; ++i)
      if (a[i] != b[i]) return a[i] > b[i];
    return a.size() < b.size();
  });
  for (std::size_t i = 0; i < paths.size() && bench.has_time(); ++i) {
    Case candidate = bench.smallest();
    Value& root = *root_of(candidate);
    if (paths[i].front() >= root.entries.size() || !may_go(root, paths[i])) continue;
    if (!remove_at(root, paths[i])) continue;
    if (!bench.offer(std::move(candidate))) continue;
    any = true;
    // What was in it is gone with it.
    const Path gone = paths[i];
    while (i + 1 < paths.size() && paths[i + 1].size() > gone.size() &&
           std::equal(gone.begin(), gone.end(), paths[i + 1].begin()))
      ++i;
  }
  return any;
}

// Whether messages would take longer without this part of the network.
bool would_slow(const Entry& network, const Path& path) {
  const Value* latency = network.value.find("latency");
  const auto given = latency == nullptr ? std::nullopt : parse_duration(latency->scalar);
  const bool is_part = path.size() == 1 || network.value.entries[path[1]].key.scalar == "latency";
  return given && *given < default_latency && is_part;
}

}  // namespace

// Where a latency is given, longer ones are not tried: nodes wait for what is usual.
bool calm_network(Workbench& bench) {
  bool any = false;
  const auto latency_of = [](Case& example) -> Value* {
    Value* network = example.rest.find("network");
    return network == nullptr ? nullptr : network->find("latency");
  };
  Case example = bench.smallest();
  const Value* present = latency_of(example);
  if (present == nullptr) return false;
  const Duration most = parse_duration(present->scalar).value_or(Duration::max());
  for (const Duration latency : {default_latency, Duration(1ms), Duration(10ms), Duration(50ms), Duration(100ms),
                                 Duration(200ms), Duration(500ms), Duration(1s)}) {
    if (latency > most) continue;
    Case candidate = bench.smallest();
    Value* given = latency_of(candidate);
    if (given == nullptr) break;
    if (latency == default_latency)
      remove_entry(*candidate.rest.find("network"), "latency");
    else
      *given = scalar_value(write_duration(latency));
    any |= bench.offer(std::move(candidate));
  }
  return any;
}

bool change_network_once(Workbench& bench) {
  bool any = false;
  for (std::size_t place = 0; place < bench.smallest().deeds.size() && bench.has_time(); ++place) {
    if (!std::holds_alternative<ChangeNetwork>(bench.smallest().deeds[place].action)) continue;
    Case candidate = bench.smallest();
    const auto* change = std::get_if<ChangeNetwork>(&candidate.deeds[place].action);
    if (change == nullptr || change->restore || change->from || change->to) continue;
    if (candidate.rest.find("network") == nullptr) set_entry(candidate.rest, "network", map_value({}));
    const Value written = change->change.written;
    for (const Entry& entry : written.entries)
      set_entry(*candidate.rest.find("network"), entry.key.scalar, entry.value);
    candidate.deeds.erase(candidate.deeds.begin() + static_cast<std::ptrdiff_t>(place));
    std::erase_if(candidate.deeds, [](const ScheduledAction& deed) {
      const auto* other = std::get_if<ChangeNetwork>(&deed.action);
      return other != nullptr && other->restore && !other->from && !other->to;
    });
    any |= bench.offer(std::move(candidate));
  }
  return any;
}

bool drop_settings(Workbench& bench) {
  bool any = prune(
      bench, [](Case& example) { return &example.rest; },
      [](const Value& root, const Path& path) {
        const std::string& key = root.entries[path.front()].key.scalar;
        return key != "name" && key != "expect" && !(key == "network" && would_slow(root.entries[path.front()], path));
      });
  for (std::size_t kind = 0; kind < bench.smallest().kinds.size(); ++kind)
    any |= prune(
        bench, [kind](Case& example) { return &example.kinds[kind].settings; },
        [](const Value& root, const Path& path) { return root.entries[path.front()].key.scalar != "protocol"; });
  return any;
}

// Shorter lists, for example, make do with fewer nodes.
bool lower_numbers(Workbench& bench) {
  bool any = false;
  for (std::size_t kind = 0; kind < bench.smallest().kinds.size(); ++kind) {
    const Value* options = bench.smallest().kinds[kind].settings.find("options");
    const std::size_t count = options == nullptr ? 0 : options->entries.size();
    for (std::size_t i = 0; i < count; ++i)
      for (const std::uint64_t lower : {1u, 2u, 3u}) {
        Case candidate = bench.smallest();
        Value& option = candidate.kinds[kind].settings.find("options")->entries[i].value;
        const auto number = parse_count(option.scalar);
        if (!number || *number <= lower) break;
        option = scalar_value(std::to_string(lower));
        if (!bench.offer(std::move(candidate))) continue;
        any = true;
        break;
      }
  }
  return any;
}

// The smallest first, as these make the shortest runs.
bool lower_sizes(Workbench& bench) {
  bool any = false;
  for (std::size_t kind = 0; kind < bench.smallest().kinds.size(); ++kind) {
    std::vector<Path> paths;
    Path path;
    collect_paths(bench.smallest().kinds[kind].settings, path, paths);
    for (const Path& each : paths) {
      Case example = bench.smallest();
      Value* value = value_at(example.kinds[kind].settings, each, each.size());
      const auto size = value == nullptr ? std::nullopt : size_in_bytes(*value);
      for (std::uint64_t smaller = 1; size && smaller <= *size / 1024 / 2 && bench.has_time(); smaller *= 4) {
        *value = scalar_value(std::to_string(smaller) + "KiB");
        if (!bench.offer(example)) continue;
        any = true;
        break;
      }
    }
  }
  return any;
}

// A failure that is noticed earlier also ends the run earlier, by as much.
bool settle_sooner(Workbench& bench) {
  bool any = false;
  std::size_t misses = 0;
  const Duration present = bench.loaded(bench.smallest())->settle;
  std::vector<std::int64_t> choices = rounder_below(present.count(), shortest_settle);
  // Sooner than the protocols need is refused.
  const std::int64_t needed = rounded_up(bench.calm_needed().count(), 2);
  if (needed < present.count()) choices.insert(choices.begin(), needed);
  for (const std::int64_t sooner : choices) {
    if (misses == misses_allowed) break;
    Case candidate = bench.smallest();
    const Duration settle = bench.loaded(candidate)->settle;
    if (candidate.rest.find("checks") == nullptr) set_entry(candidate.rest, "checks", map_value({}));
    set_entry(*candidate.rest.find("checks"), "settle", scalar_value(write_duration(Duration(sooner))));
    const Duration end = candidate.duration - (settle - Duration(sooner));
    const bool taken = end > Duration::zero() && bench.offer(ended_at(std::move(candidate), end));
    any |= taken;
    misses = taken ? 0 : misses + 1;
  }
  return any;
}

bool lower_keys(Workbench& bench) {
  bool any = false;
  // Numbers of all nodes in lists of the same name, in ascending order: keys, say, have an order and a range.
  std::set<std::string> names;
  for (const Case::Kind& kind : bench.smallest().kinds) names.insert(kind.listed.begin(), kind.listed.end());
  for (const std::string& name : names) {
    const auto each = [&](Case& example, const auto& visit) {
      for (Case::Node& node : example.nodes) {
        const auto& listed = example.kinds[node.kind].listed;
        const auto found = std::find(listed.begin(), listed.end(), name);
        if (found != listed.end()) visit(node.listed[static_cast<std::size_t>(found - listed.begin())]);
      }
    };
    Case example = bench.smallest();
    std::set<std::uint64_t> numbers;
    bool are_numbers = true;
    each(example, [&](const Value& value) {
      const auto number = parse_count(value.scalar);
      are_numbers = are_numbers && number.has_value();
      if (number) numbers.insert(*number);
    });
    if (!are_numbers || numbers.empty()) continue;
    const std::vector<std::uint64_t> sorted(numbers.begin(), numbers.end());
    // Around a ring, which of them has the smallest number is a matter of taste.
    bool taken = false;
    for (std::size_t first = 0; first < std::min(sorted.size(), most_turns) && !taken; ++first)
      for (const std::uint64_t step : {std::uint64_t{1}, std::uint64_t{10}}) {
        Case candidate = example;
        each(candidate, [&](Value& value) {
          const auto place = static_cast<std::uint64_t>(
              std::lower_bound(sorted.begin(), sorted.end(), *parse_count(value.scalar)) - sorted.begin());
          value = scalar_value(std::to_string(step * ((place + first) % sorted.size())));
        });
        taken = bench.offer(std::move(candidate));
        if (taken) break;
      }
    any |= taken;
  }
  return any;
}

}  // namespace peerbed::scenarios
