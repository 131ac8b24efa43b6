#pragma once
// Gathers a sweep's results from its finished runs: results.sqlite, results.csv or .json, and statistics.csv. They
// depend only on the runs, not on what ran them or in which order.

#include <string>
#include <vector>

#include "analysis/results/sweep_results.h"
#include "app/sweep/sweep_folder.h"
#include "scenarios/sweep/sweep_plan.h"

namespace peerbed::app {

// Which text files are written beside the database.
struct Exports {
  bool csv = true;
  bool json = false;
};

struct FailedUnit {
  scenarios::SweepUnit unit;
  std::string why;  // the first expectation that failed
};

struct Gathered {
  analysis::SweepResults results;
  std::vector<std::string> findings;  // metrics that protocols added
  std::vector<FailedUnit> failed;
  std::size_t missing = 0;  // planned runs that do not exist yet
};

// Throws FileError if a file cannot be written.
Gathered gather_results(const SweepFolder& folder, const scenarios::SweepPlan& plan, const Exports& exports);

}  // namespace peerbed::app
