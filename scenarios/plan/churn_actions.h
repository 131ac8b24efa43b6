#pragma once
// The schedule of a scenario's churn, as scheduled actions.

#include <vector>

#include "scenarios/plan/action.h"
#include "scenarios/plan/scenario.h"

namespace peerbed::scenarios {

// The actions of one churn entry, in order of time; `index` separates its draws from those of other entries. Throws
// ScenarioError for impossible churn: more than sim::maximum_churn_events, or an equilibrium with infinite means.
std::vector<ScheduledAction> churn_actions(const Churn& churn, std::uint64_t seed, std::size_t index);

}  // namespace peerbed::scenarios
