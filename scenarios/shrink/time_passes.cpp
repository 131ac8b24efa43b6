#include "scenarios/shrink/time_passes.h"

#include <algorithm>

#include "scenarios/shrink/round_numbers.h"

namespace peerbed::scenarios {
namespace {

constexpr std::int64_t shortest_gap = 1'000'000;  // nanoseconds
constexpr std::size_t misses_allowed = 3;  // shorter durations that do not fail, before shorter ones are not tried

// From the n-th deed on, everything happens earlier by `less`.
Case earlier_from(Case example, std::size_t number, Duration less) {
  for (std::size_t i = number; i < example.deeds.size(); ++i) example.deeds[i].at -= less;
  example.duration -= less;
  return example;
}

}  // namespace

bool cut_end(Workbench& bench) {
  bool any = false;
  while (bench.failure().kind == Failure::Kind::property && bench.failure().at < bench.smallest().duration &&
         bench.failure().at > Duration::zero() && bench.offer(ended_at(bench.smallest(), bench.failure().at)))
    any = true;
  std::size_t misses = 0;
  for (const std::int64_t end : rounder_below(bench.smallest().duration.count(), shortest_gap)) {
    if (misses == misses_allowed || !bench.has_time()) break;
    const bool taken = bench.offer(ended_at(bench.smallest(), Duration(end)));
    any |= taken;
    misses = taken ? 0 : misses + 1;
  }
  return any;
}

bool close_gaps(Workbench& bench) {
  bool any = false;
  for (std::size_t i = 0; i <= bench.smallest().deeds.size() && bench.has_time(); ++i) {
    const auto gap = [&] {
      const Case& example = bench.smallest();
      const Duration until = i < example.deeds.size() ? example.deeds[i].at : example.duration;
      return until - (i == 0 ? Duration::zero() : example.deeds[i - 1].at);
    };
    if (i > bench.smallest().deeds.size() || gap() <= Duration::zero()) continue;
    const bool is_end = i == bench.smallest().deeds.size();
    if (!is_end && bench.offer(earlier_from(bench.smallest(), i, gap()))) {
      any = true;
      continue;
    }
    // Half of it as long as that fails, then the least round number that does.
    while (gap().count() > 2 * shortest_gap &&
           bench.offer(earlier_from(bench.smallest(), i, gap() - Duration(round_number(gap().count() / 3)))))
      any = true;
    for (const std::int64_t wanted : rounder_below(gap().count(), shortest_gap)) {
      if (wanted * 10 < gap().count()) break;
      any |= bench.offer(earlier_from(bench.smallest(), i, gap() - Duration(wanted)));
    }
  }
  return any;
}

bool round_times(Workbench& bench) {
  bool any = false;
  for (std::size_t i = 0; i <= bench.smallest().deeds.size(); ++i)
    for (const int digits : {1, 2, 3}) {
      if (i > bench.smallest().deeds.size()) break;
      const bool is_end = i == bench.smallest().deeds.size();
      const Duration at = is_end ? bench.smallest().duration : bench.smallest().deeds[i].at;
      bool taken = false;
      for (const std::int64_t value : rounded(at.count(), digits)) {
        Case candidate = bench.smallest();
        const Duration time(value);
        if (is_end) {
          if (!candidate.deeds.empty() && candidate.deeds.back().at >= time) continue;
          candidate.duration = time;
        } else {
          // Those at the same instant stay together, and the order stays.
          for (ScheduledAction& deed : candidate.deeds)
            if (deed.at == at) deed.at = time;
          if (candidate.duration <= time || !std::is_sorted(candidate.deeds.begin(), candidate.deeds.end(),
                                                            [](const auto& a, const auto& b) { return a.at < b.at; }))
            continue;
        }
        if (bench.offer(std::move(candidate))) {
          taken = true;
          break;
        }
      }
      any |= taken;
      if (taken) break;
    }
  return any;
}

}  // namespace peerbed::scenarios
