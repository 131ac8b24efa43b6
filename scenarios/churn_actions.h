#pragma once
// The schedule of a scenario's churn as Actions.

#include <vector>

#include "scenarios/action.h"
#include "scenarios/scenario.h"

namespace peerbed::scenarios {

// Appends the actions of one churn entry; `index` tells its draws from those of other entries.
void append_churn(const Churn& churn, std::uint64_t seed, std::size_t index, Duration duration,
                  std::vector<Action>& actions);

}  // namespace peerbed::scenarios
