#pragma once
// A run's result as a person reads it: what ran, what happened, what held and what did not.

#include <iosfwd>

#include "analysis/results/table.h"
#include "scenarios/plan/scenario.h"
#include "scenarios/run/run_scenario.h"

namespace peerbed::app {

void print_report(std::ostream& out, const scenarios::Scenario& scenario, const scenarios::RunResult& result,
                  const analysis::Style& style);

}  // namespace peerbed::app
