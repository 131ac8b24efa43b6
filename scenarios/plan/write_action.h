#pragma once
// An Action as it stands under a scenario's `faults:`.

#include "scenarios/plan/action.h"
#include "scenarios/plan/scenario.h"

namespace peerbed::scenarios {

Value write_action(const Action& action, const Scenario& scenario);

}  // namespace peerbed::scenarios
