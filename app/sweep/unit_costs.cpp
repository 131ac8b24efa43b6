#include "app/sweep/unit_costs.h"

#include <algorithm>
#include <cmath>

namespace peerbed::app {
namespace {

constexpr double least_effort = 1e-9;
constexpr double least_seconds = 1e-6;
constexpr double ranks_per_doubling = 2;

}  // namespace

void add_costs(MeasuredCosts& costs, const MeasuredCosts& more) {
  for (const auto& [digest, cost] : more) {
    costs[digest].runs += cost.runs;
    costs[digest].seconds += cost.seconds;
  }
}

UnitCosts::UnitCosts(const scenarios::SweepPlan& plan, const MeasuredCosts& known)
    : plan_(plan), at_(plan.points.size()) {
  for (const scenarios::SweepPoint& point : plan.points)
    estimated_.push_back(std::log2(std::max(point.effort, least_effort)));
  for (std::size_t point = 0; point < plan.points.size(); ++point)
    if (const auto found = known.find(plan.points[point].digest); found != known.end()) learn(point, found->second);
}

void UnitCosts::add(std::size_t point, double seconds) {
  const MeasuredCost cost{1, seconds};
  add_costs(measured_, {{plan_.points[point].digest, cost}});
  learn(point, cost);
}

void UnitCosts::learn(std::size_t point, const MeasuredCost& cost) {
  at_[point].runs += cost.runs;
  at_[point].seconds += cost.seconds;
  seconds_ += cost.seconds;
  effort_ += static_cast<double>(cost.runs) * std::max(plan_.points[point].effort, least_effort);
  scale_ = std::log2(std::max(seconds_, least_seconds) / std::max(effort_, least_effort));
}

int UnitCosts::rank_of(std::size_t point) const {
  const MeasuredCost& cost = at_[point];
  const double level = cost.runs == 0
                           ? estimated_[point] + scale_
                           : std::log2(std::max(cost.seconds / static_cast<double>(cost.runs), least_seconds));
  return static_cast<int>(std::lround(level * ranks_per_doubling));
}

}  // namespace peerbed::app
