#include "scenarios/shrink/time_passes.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "scenarios/backends/default_latency.h"
#include "scenarios/shrink/leave_out.h"
#include "scenarios/shrink/round_numbers.h"
#include "scenarios/text/units.h"

namespace peerbed::scenarios {
namespace {

using std::chrono::milliseconds;

constexpr std::int64_t shortest_gap = 1'000'000;  // nanoseconds
constexpr milliseconds shortest_run(1);
constexpr milliseconds short_enough(10'000);  // for a world not to be quickened
constexpr std::size_t misses_allowed = 2;     // shorter times that do not fail, before shorter ones are not tried
constexpr milliseconds grids[] = {milliseconds(10'000), milliseconds(5000), milliseconds(2000), milliseconds(1000),
                                  milliseconds(500),    milliseconds(200),  milliseconds(100),  milliseconds(10)};

// From this deed on, everything happens earlier by `less`.
Case earlier_from(Case example, std::size_t place, Duration less) {
  for (std::size_t i = place; i < example.deeds.size(); ++i) example.deeds[i].at -= less;
  example.duration -= less;
  return example;
}

bool is_in_order(const Case& example) {
  const auto is_earlier = [](const ScheduledAction& a, const ScheduledAction& b) { return a.at < b.at; };
  return std::is_sorted(example.deeds.begin(), example.deeds.end(), is_earlier) &&
         (example.deeds.empty() || example.deeds.back().at < example.duration);
}

Duration time_of(const Case& example, std::size_t place) {
  return place < example.deeds.size() ? example.deeds[place].at : example.duration;
}
Duration gap_before(const Case& example, std::size_t place) {
  return time_of(example, place) - (place == 0 ? Duration::zero() : example.deeds[place - 1].at);
}

// Those in the values of a map, and of maps and lists in it.
void divide_durations(Value& value, std::int64_t divisor) {
  for (Entry& entry : value.entries) divide_durations(entry.value, divisor);
  for (Value& element : value.elements) divide_durations(element, divisor);
  if (value.kind != Value::Kind::scalar) return;
  if (const auto duration = parse_duration(value.scalar); duration && *duration > Duration::zero())
    value.scalar = write_duration(*duration / divisor);
}

}  // namespace

bool cut_end(Workbench& bench) {
  bool any = false;
  while (bench.failure().kind == Failure::Kind::property && bench.failure().at < bench.smallest().duration &&
         bench.offer(ended_at(bench.smallest(), std::max<Duration>(bench.failure().at, shortest_run))))
    any = true;
  std::size_t misses = 0;
  for (const std::int64_t end : rounder_below(bench.smallest().duration.count(), shortest_gap)) {
    if (misses == misses_allowed) break;
    const bool taken = bench.offer(ended_at(bench.smallest(), Duration(end)));
    any |= taken;
    misses = taken ? 0 : misses + 1;
  }
  return any;
}

// The same in a quicker world: all waits of the nodes, the latency and all times of the run are so many times shorter.
bool quicken(Workbench& bench) {
  bool any = false;
  if (bench.smallest().duration <= short_enough) return false;
  for (const std::int64_t factor : {10, 5, 2}) {
    Case candidate = bench.smallest();
    for (Case::Kind& kind : candidate.kinds)
      if (Value* options = kind.settings.find("options")) divide_durations(*options, factor);
    if (candidate.rest.find("network") == nullptr) set_entry(candidate.rest, "network", map_value({}));
    Value& network = *candidate.rest.find("network");
    if (network.find("latency") == nullptr)
      set_entry(network, "latency", scalar_value(write_duration(default_latency)));
    if (!parse_duration(network.find("latency")->scalar)) return any;
    for (const char* key : {"network", "checks", "workload"})
      if (Value* settings = candidate.rest.find(key)) divide_durations(*settings, factor);
    for (ScheduledAction& deed : candidate.deeds) {
      deed.at /= factor;
      if (Duration* length = length_of(deed.action)) *length /= factor;
    }
    candidate.duration /= factor;
    if (!bench.offer(std::move(candidate))) continue;
    any = true;
    break;
  }
  return any;
}

bool close_gaps(Workbench& bench) {
  bool any = false;
  for (std::size_t place = 0; place <= bench.smallest().deeds.size() && bench.has_time(); ++place) {
    const Duration gap = gap_before(bench.smallest(), place);
    if (gap <= Duration::zero()) continue;
    if (place < bench.smallest().deeds.size() && bench.offer(earlier_from(bench.smallest(), place, gap))) {
      any = true;
      continue;
    }
    std::size_t misses = 0;
    for (const std::int64_t wanted : rounder_below(gap.count(), shortest_gap)) {
      if (misses == misses_allowed) break;
      const Duration present = gap_before(bench.smallest(), place);
      const bool taken = bench.offer(earlier_from(bench.smallest(), place, present - Duration(wanted)));
      any |= taken;
      misses = taken ? 0 : misses + 1;
    }
  }
  return any;
}

// At one instant the order matters less than that it is the same one for alike failures.
bool merge_instants(Workbench& bench) {
  bool any = false;
  for (std::size_t place = 1; place < bench.smallest().deeds.size() && bench.has_time(); ++place) {
    Case candidate = bench.smallest();
    if (candidate.deeds[place].at != candidate.deeds[place - 1].at) continue;
    std::swap(candidate.deeds[place], candidate.deeds[place - 1]);
    any |= bench.offer(std::move(candidate));
  }
  for (std::size_t place = 1; place < bench.smallest().deeds.size() && bench.has_time(); ++place) {
    Case candidate = bench.smallest();
    candidate.deeds[place].at = candidate.deeds[place - 1].at;
    any |= bench.offer(std::move(candidate));
  }
  return any;
}

bool round_times(Workbench& bench) {
  bool any = false;
  for (const Duration grid : grids) {
    Case candidate = bench.smallest();
    for (ScheduledAction& deed : candidate.deeds) deed.at -= deed.at % grid;
    candidate.duration += (grid - candidate.duration % grid) % grid;
    if (!bench.offer(std::move(candidate))) continue;
    any = true;
    break;
  }
  for (std::size_t place = 0; place <= bench.smallest().deeds.size() && bench.has_time(); ++place)
    for (const std::int64_t rounder : rounder_than(time_of(bench.smallest(), place).count())) {
      Case candidate = bench.smallest();
      const Duration before = time_of(candidate, place);
      const Duration time(rounder);
      // Those at the same instant stay together.
      for (ScheduledAction& deed : candidate.deeds)
        if (deed.at == before && place < candidate.deeds.size()) deed.at = time;
      if (place == candidate.deeds.size()) candidate.duration = time;
      if (!is_in_order(candidate) || !bench.offer(std::move(candidate))) continue;
      any = true;
      break;
    }
  return any;
}

}  // namespace peerbed::scenarios
