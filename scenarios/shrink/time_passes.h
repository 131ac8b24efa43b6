#pragma once
// Ways to make a failing case smaller: less time, and rounder times. Each tries its kind of change on the smallest case
// so far, and returns whether any was taken.

#include "scenarios/shrink/workbench.h"

namespace peerbed::scenarios {

bool cut_end(Workbench& bench);         // an earlier end
bool quicken(Workbench& bench);         // all times and waits a tenth, a fifth, a half
bool close_gaps(Workbench& bench);      // less time between deeds
bool merge_instants(Workbench& bench);  // deeds at the same time as those before them
bool round_times(Workbench& bench);     // fewer digits

}  // namespace peerbed::scenarios
