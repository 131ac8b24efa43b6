#pragma once
// What the runs of a sweep cost: measured, or estimated for a point that has not run yet. Costs decide only which run
// starts first, never what a result is.

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "scenarios/sweep/sweep_plan.h"

namespace peerbed::app {

struct MeasuredCost {
  std::uint64_t runs = 0;
  double seconds = 0;  // of all of them
};

// By the digest of the scenario at the point.
using MeasuredCosts = std::map<std::string, MeasuredCost>;

void add_costs(MeasuredCosts& costs, const MeasuredCosts& more);

class UnitCosts {
 public:
  // `known` was measured earlier.
  UnitCosts(const scenarios::SweepPlan& plan, const MeasuredCosts& known);

  void add(std::size_t point, double seconds);
  // The higher, the more costly is a run at the point. Costs that differ by less than 40 % mostly have the same rank.
  // An estimate counts as much as runs that were measured took for theirs.
  int rank_of(std::size_t point) const;
  // What was added.
  const MeasuredCosts& measured() const noexcept { return measured_; }

 private:
  void learn(std::size_t point, const MeasuredCost& cost);

  const scenarios::SweepPlan& plan_;
  MeasuredCosts measured_;
  std::vector<MeasuredCost> at_;   // by point
  std::vector<double> estimated_;  // by point: the binary logarithm of the effort
  double seconds_ = 0;             // of all that was measured
  double effort_ = 0;              // estimated for the same runs
  double scale_ = 0;               // the binary logarithm of the seconds for an effort of 1
};

}  // namespace peerbed::app
