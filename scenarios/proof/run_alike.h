#pragma once
// A run that shows what a check of single messages has refuted.

#include <optional>
#include <vector>

#include "scenarios/check/node_check.h"
#include "scenarios/plan/action.h"
#include "scenarios/plan/scenario.h"

namespace peerbed::scenarios {

// When the deeds of a refutation are done in a run of the scenario in which its property does not hold either. A run
// does not choose the order of what comes on streams, so times are tried. Nothing if no try shows it.
std::optional<std::vector<ScheduledAction>> run_alike(const Refutation& refutation, const std::vector<Action>& deeds,
                                                      const Scenario& scenario);

}  // namespace peerbed::scenarios
