#include "app/sweep/sweep_division.h"

#include <algorithm>
#include <functional>
#include <numeric>
#include <queue>
#include <utility>

#include "scenarios/text/units.h"

namespace peerbed::app {

std::optional<Share> parse_share(const std::string& text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string::npos) return std::nullopt;
  const auto index = scenarios::parse_count(text.substr(0, slash));
  const auto count = scenarios::parse_count(text.substr(slash + 1));
  if (!index || !count || *index < 1 || *index > *count || *count > scenarios::maximum_units) return std::nullopt;
  return Share{*index - 1, *count};
}

std::vector<std::size_t> units_of(const scenarios::SweepPlan& plan, Share share) {
  const std::size_t points = plan.points.size();
  std::vector<std::size_t> by_effort(points);
  std::iota(by_effort.begin(), by_effort.end(), std::size_t{0});
  std::stable_sort(by_effort.begin(), by_effort.end(),
                   [&plan](std::size_t a, std::size_t b) { return plan.points[a].effort > plan.points[b].effort; });
  using Load = std::pair<double, std::size_t>;  // what a part has to do, and which part it is
  std::priority_queue<Load, std::vector<Load>, std::greater<>> parts;
  for (std::size_t part = 0; part < share.count; ++part) parts.emplace(0, part);
  std::vector<std::size_t> units;
  std::vector<std::size_t> mine;
  for (std::size_t seed = 0; seed < plan.seeds.size(); ++seed) {
    mine.clear();
    for (const std::size_t point : by_effort) {
      const auto [load, part] = parts.top();
      parts.pop();
      parts.emplace(load + plan.points[point].effort, part);
      if (part == share.index) mine.push_back(point);
    }
    std::sort(mine.begin(), mine.end());
    for (const std::size_t point : mine) units.push_back(point * plan.seeds.size() + seed);
  }
  return units;
}

}  // namespace peerbed::app
