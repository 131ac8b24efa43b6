#pragma once
// Writes a ScheduledAction as an entry of a scenario's `faults:`.

#include "scenarios/plan/action.h"
#include "scenarios/plan/scenario.h"

namespace peerbed::scenarios {

// Runs of consecutive nodes are written as "4-17".
Value write_nodes(const Nodes& nodes);
Value write_action(const ScheduledAction& scheduled, const Scenario& scenario);

}  // namespace peerbed::scenarios
