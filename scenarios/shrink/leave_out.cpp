#include "scenarios/shrink/leave_out.h"

#include <algorithm>
#include <numeric>

#include "scenarios/shrink/round_numbers.h"

namespace peerbed::scenarios {

bool leave_out(Workbench& bench, const std::function<std::size_t()>& count, const LeavingOut& without) {
  bool any = false;
  for (std::size_t size = count(); size > 0; size = size == 1 ? 0 : (size + 1) / 2) {
    // From the end, so that what is left keeps its number.
    for (std::size_t end = count(); end > 0 && bench.has_time();) {
      end = std::min(end, count());
      const std::size_t begin = end > size ? end - size : 0;
      std::vector<std::size_t> numbers;
      for (std::size_t i = begin; i < end; ++i) numbers.push_back(i);
      if (numbers.empty()) break;
      any |= bench.offer(without(bench.smallest(), numbers));
      end = begin;
    }
  }
  return any;
}

std::vector<std::size_t> fewest(std::size_t count, const std::function<bool(const std::vector<std::size_t>&)>& works) {
  std::vector<std::size_t> kept(count);
  std::iota(kept.begin(), kept.end(), std::size_t{0});
  for (std::size_t size = count; size > 0; size = size == 1 ? 0 : (size + 1) / 2)
    for (std::size_t end = kept.size(); end > 0;) {
      const std::size_t begin = end > size ? end - size : 0;
      std::vector<std::size_t> fewer = kept;
      fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(begin), fewer.begin() + static_cast<std::ptrdiff_t>(end));
      if (works(fewer)) kept = std::move(fewer);
      end = begin;
    }
  return kept;
}

bool offer_rounder(Workbench& bench, const std::function<Duration*(Case&)>& duration_of) {
  Case example = bench.smallest();
  Duration* duration = duration_of(example);
  if (duration == nullptr) return false;
  bool any = false;
  for (const std::int64_t value : rounder_than(duration->count())) {
    *duration = Duration(value);
    if (!bench.offer(example)) continue;
    any = true;
    break;
  }
  return any;
}

}  // namespace peerbed::scenarios
