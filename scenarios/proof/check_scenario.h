#pragma once
// Checks a scenario's nodes exhaustively, as its `check:` section says.

#include <memory>
#include <string>

#include "scenarios/check/node_check.h"
#include "scenarios/plan/scenario.h"

namespace peerbed::scenarios {

// The check that a scenario describes. Throws ScenarioError if it describes none, or one that cannot be made.
std::unique_ptr<NodeCheck> check_of(const Scenario& scenario);

// What a step is, such as "peers.2 starts and joins through peers.0".
std::string words_of(const CheckStep& step, const Scenario& scenario);

// How a refutation comes about, a line for each step.
std::string story_of(const Refutation& refutation, const Scenario& scenario);

// A scenario of an ordinary run in which the refuted property fails, as YAML: each step has some time to itself, and
// nothing else happens. The comments at its head say what it shows. Throws ScenarioError if a run cannot show it.
std::string counterexample_of(const Refutation& refutation, const NodeCheck& check, const Scenario& scenario);

}  // namespace peerbed::scenarios
