#pragma once
// Ways to make a failing case smaller: deeds on single messages in place of what the network does to many. Each tries
// its kind of change on the smallest case so far, and returns whether any was taken.

#include "scenarios/shrink/workbench.h"

namespace peerbed::scenarios {

// In place of chance: what is lost, doubled, or slower than the fastest.
bool list_chances(Workbench& bench);
// In place of a partition or a clog: the few messages that matter.
bool list_cuts(Workbench& bench);

}  // namespace peerbed::scenarios
