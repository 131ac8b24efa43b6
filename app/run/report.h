#pragma once
// Prints a run's result for a person to read: what ran, what happened, what passed and what failed.

#include <iosfwd>

#include "analysis/results/table.h"
#include "scenarios/plan/scenario.h"
#include "scenarios/run/run_scenario.h"

namespace peerbed::app {

void print_report(std::ostream& out, const scenarios::Scenario& scenario, const scenarios::RunResult& result,
                  const analysis::Style& style);

}  // namespace peerbed::app
