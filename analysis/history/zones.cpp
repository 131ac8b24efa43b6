#include "analysis/history/zones.h"

#include <algorithm>
#include <vector>

namespace peerbed::analysis {

std::optional<std::pair<std::size_t, std::size_t>> contradiction(std::span<const Zone> zones) {
  std::vector<std::size_t> forward;
  for (std::size_t i = 0; i < zones.size(); ++i)
    if (zones[i].is_forward()) forward.push_back(i);
  std::stable_sort(forward.begin(), forward.end(), [&](std::size_t one, std::size_t other) {
    return zones[one].first_answer < zones[other].first_answer;
  });
  // Forward zones must not overlap: of those before it, only the next one can without another contradiction.
  for (std::size_t i = 1; i < forward.size(); ++i)
    if (zones[forward[i]].must_precede(zones[forward[i - 1]])) return std::pair(forward[i - 1], forward[i]);
  // So they are in order of time, and no backward zone may lie within one.
  for (std::size_t i = 0; i < zones.size(); ++i) {
    if (zones[i].is_forward()) continue;
    const auto after = std::partition_point(forward.begin(), forward.end(),
                                            [&](std::size_t each) { return zones[each].must_precede(zones[i]); });
    if (after != forward.begin() && zones[i].must_precede(zones[*(after - 1)])) return std::pair(*(after - 1), i);
  }
  return std::nullopt;
}

}  // namespace peerbed::analysis
