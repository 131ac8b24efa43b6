#pragma once
// Ways to make a failing case smaller: fewer nodes. Each tries its kind of change on the smallest case so far, the
// largest changes first, and returns whether any was taken.

#include "scenarios/shrink/workbench.h"

namespace peerbed::scenarios {

bool stop_nodes(Workbench& bench);         // they are never started
bool fold_nodes(Workbench& bench);         // one gives the commands of another, which is never started
bool start_at_once(Workbench& bench);      // what joins runs from the start
bool start_later(Workbench& bench);        // what stops joins instead, and what comes back joins for the first time
bool remove_idle_nodes(Workbench& bench);  // those after them get lower numbers
bool order_nodes(Workbench& bench);        // by group and key

}  // namespace peerbed::scenarios
