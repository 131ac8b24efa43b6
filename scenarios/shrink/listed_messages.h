#pragma once
// What the network does to messages by chance, written out as deeds on single messages, so that those that do not
// matter can be left out.

#include <optional>

#include "scenarios/shrink/case.h"

namespace peerbed::scenarios {

// The case in which messages are lost and doubled by deeds alone; `scenario` is the case's. Nothing if chance loses and
// doubles none, or too many to list.
std::optional<Case> with_listed_losses(const Case& example, const Scenario& scenario);
// The case in which all messages take as long as the fastest one, and the others are delayed by deeds.
std::optional<Case> with_listed_latencies(const Case& example, const Scenario& scenario);

}  // namespace peerbed::scenarios
