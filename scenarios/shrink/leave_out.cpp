#include "scenarios/shrink/leave_out.h"

#include <algorithm>
#include <numeric>
#include <string>

#include "scenarios/shrink/round_numbers.h"

namespace peerbed::scenarios {

namespace {

bool offer_with_seeds(Workbench& bench, Case candidate, std::uint64_t other_seeds) {
  if (bench.offer(candidate)) return true;
  if (bench.size().drops < share_of_messages) return false;
  for (std::uint64_t seed = 1; seed <= other_seeds; ++seed) {
    set_entry(candidate.rest, "seed", scalar_value(std::to_string(seed)));
    if (bench.offer(candidate)) return true;
  }
  return false;
}

}  // namespace

bool leave_out(Workbench& bench, const std::function<std::size_t()>& count, const LeavingOut& without,
               std::uint64_t other_seeds) {
  bool any = false;
  for (std::size_t size = count(); size > 0 && bench.has_time(); size = size == 1 ? 0 : (size + 1) / 2) {
    // From the end, so that what is left keeps its number.
    for (std::size_t end = count(); end > 0 && bench.has_time();) {
      end = std::min(end, count());
      const std::size_t begin = end > size ? end - size : 0;
      std::vector<std::size_t> numbers;
      for (std::size_t i = begin; i < end; ++i) numbers.push_back(i);
      if (numbers.empty()) break;
      any |= offer_with_seeds(bench, without(bench.smallest(), numbers), other_seeds);
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
