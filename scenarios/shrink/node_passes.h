#pragma once
// Ways to make a failing case smaller: fewer nodes. A node that is left out is first never started, since the numbers
// of those after it decide what they draw.

#include "scenarios/shrink/workbench.h"

namespace peerbed::scenarios {

bool stop_nodes(Workbench& bench);            // nodes that are never started; others that run from the start
bool order_nodes(Workbench& bench);           // in the order of what is listed for them, such as keys
bool remove_stopped_nodes(Workbench& bench);  // those after them get lower numbers

}  // namespace peerbed::scenarios
