#pragma once
// Gathers a sweep's results from its finished runs: results.sqlite, results.csv or .json, and statistics.csv. They
// depend on the runs alone, not on what ran them or in which order.

#include <string>
#include <vector>

#include "analysis/results/sweep_results.h"
#include "app/sweep/sweep_folder.h"
#include "scenarios/sweep/sweep_plan.h"

namespace peerbed::app {

// Which texts are written beside the database.
struct Exports {
  bool csv = true;
  bool json = false;
};

struct FailedUnit {
  scenarios::SweepUnit unit;
  std::string why;  // the first expectation that did not hold
};

struct Gathered {
  analysis::SweepResults results;
  std::vector<std::string> findings;  // metrics that protocols added of their own
  std::vector<FailedUnit> failed;
  std::size_t missing = 0;  // runs that are planned and not there
};

// Throws FileError when a file cannot be written.
Gathered gather_results(const SweepFolder& folder, const scenarios::SweepPlan& plan, const Exports& exports);

}  // namespace peerbed::app
