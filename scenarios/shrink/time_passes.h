#pragma once
// Ways to make a failing case smaller: less time, and rounder times.

#include "scenarios/shrink/workbench.h"

namespace peerbed::scenarios {

bool cut_end(Workbench& bench);      // an earlier end
bool close_gaps(Workbench& bench);   // less time between deeds
bool round_times(Workbench& bench);  // fewer digits

}  // namespace peerbed::scenarios
