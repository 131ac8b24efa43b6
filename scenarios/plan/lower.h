#pragma once
// Lowering: every random choice about faults and churn is made before the run begins and becomes a list of scheduled
// actions with times and nodes. Written out as a scenario, the list replays to the same digest.

#include <string>
#include <vector>

#include "scenarios/plan/action.h"
#include "scenarios/plan/scenario.h"

namespace peerbed::scenarios {

// In order of time. Depends only on the scenario and its seed. Throws ScenarioError if a churn trace file is missing or
// broken.
std::vector<ScheduledAction> lowered_actions(const Scenario& scenario);

// The scenario as one document without parameters or random choices in faults and churn: `faults` holds every scheduled
// action, and `churn` is gone.
Value resolved_document(const Scenario& scenario, const std::vector<ScheduledAction>& actions);
std::string resolved_scenario(const Scenario& scenario, const std::vector<ScheduledAction>& actions);

}  // namespace peerbed::scenarios
