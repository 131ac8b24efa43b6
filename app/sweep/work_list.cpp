#include "app/sweep/work_list.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

namespace peerbed::app {

WorkList::WorkList(const scenarios::SweepPlan& plan, const UnitCosts& costs, std::span<const std::size_t> units,
                   Claim claim)
    : plan_(plan), costs_(costs), claim_(std::move(claim)) {
  std::map<std::size_t, std::vector<std::size_t>> by_point;
  for (const std::size_t unit : units) by_point[plan.unit(unit).point].push_back(unit);
  for (auto& [point, of_point] : by_point) {
    std::sort(of_point.rbegin(), of_point.rend());
    points_.push_back({point, std::move(of_point)});
  }
}

std::optional<std::size_t> WorkList::next() {
  for (;;) {
    const auto unit = take_most_costly();
    if (!unit || claim_(*unit)) return unit;
  }
}

std::optional<std::size_t> WorkList::take_most_costly() {
  const auto urgency = [this](const Point& each) {
    const std::size_t seed = each.units.back() % plan_.seeds.size();
    return std::tuple(-costs_.rank_of(each.point), seed, each.point);
  };
  const auto found = std::min_element(points_.begin(), points_.end(),
                                      [&urgency](const Point& a, const Point& b) { return urgency(a) < urgency(b); });
  if (found == points_.end()) return std::nullopt;
  const std::size_t unit = found->units.back();
  found->units.pop_back();
  if (found->units.empty()) points_.erase(found);
  return unit;
}

}  // namespace peerbed::app
