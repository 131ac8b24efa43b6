#pragma once
// Writes a ScheduledAction as an entry of a scenario's `faults:`.

#include "scenarios/plan/action.h"
#include "scenarios/plan/scenario.h"

namespace peerbed::scenarios {

// "3", "4-17", or a list of these.
Value write_nodes(const Nodes& nodes);
Value write_action(const ScheduledAction& scheduled, const Scenario& scenario);

}  // namespace peerbed::scenarios
