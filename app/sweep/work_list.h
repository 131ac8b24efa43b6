#pragma once
// The units that are to be run, handed out one at a time: always one that is expected to take longest, so that no long
// one is left at the end. Of units that cost about the same, each seed runs at all points before the next seed.

#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "app/sweep/unit_costs.h"
#include "scenarios/sweep/sweep_plan.h"

namespace peerbed::app {

class WorkList {
 public:
  // Whether the unit is this process's to run. Processes that share a list ask each other.
  using Claim = std::function<bool(std::size_t unit)>;

  WorkList(const scenarios::SweepPlan& plan, const UnitCosts& costs, std::span<const std::size_t> units, Claim claim);

  // Nothing if no unit is left.
  std::optional<std::size_t> next();

 private:
  struct Point {
    std::size_t point = 0;
    std::vector<std::size_t> units;  // in the order of seeds, the first one last
  };
  std::optional<std::size_t> take_most_costly();

  const scenarios::SweepPlan& plan_;
  const UnitCosts& costs_;
  std::vector<Point> points_;  // those with units
  Claim claim_;
};

}  // namespace peerbed::app
