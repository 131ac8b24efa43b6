#pragma once
// Describes a scenario in a few sentences, shown at the top of a report.

#include <string>
#include <vector>

#include "scenarios/plan/scenario.h"

namespace peerbed::scenarios {

// Groups, network, workload, churn, faults and length, one sentence each; long lists are cut and marked as cut.
std::vector<std::string> words_of(const Scenario& scenario);

}  // namespace peerbed::scenarios
