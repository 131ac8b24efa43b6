#pragma once
// Writes a ScheduledAction as an entry of a scenario's `faults:`.

#include "scenarios/plan/action.h"
#include "scenarios/plan/scenario.h"

namespace peerbed::scenarios {

Value write_action(const ScheduledAction& scheduled, const Scenario& scenario);

}  // namespace peerbed::scenarios
