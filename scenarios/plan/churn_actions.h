#pragma once
// The schedule of a scenario's churn, as scheduled actions.

#include <vector>

#include "scenarios/plan/action.h"
#include "scenarios/plan/scenario.h"

namespace peerbed::scenarios {

// The actions of the churn entry with this index, in order of time, without starts of nodes that run from the start.
// Throws ScenarioError for impossible churn: more than sim::maximum_churn_events, or an equilibrium with infinite
// means.
std::vector<ScheduledAction> churn_actions(const Scenario& scenario, std::size_t index);

// Decides which nodes of converged groups run from the start, where traces and equilibria say which are up; and which
// node begins an overlay that nobody runs from the start. Throws ScenarioError where two say it of the same node.
void set_initial_states(Scenario& scenario);

}  // namespace peerbed::scenarios
