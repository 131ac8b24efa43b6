#pragma once
// Ways to make a failing case smaller: what is done, and to whom. Each tries its kind of change on the smallest case so
// far, the largest changes first, and returns whether any was taken.

#include "scenarios/shrink/workbench.h"

namespace peerbed::scenarios {

bool drop_deeds(Workbench& bench);        // in groups, by node, by kind, and in pairs
bool narrow_deeds(Workbench& bench);      // fewer nodes on the sides of partitions; rounder numbers
bool shorten_commands(Workbench& bench);  // shorter words
bool move_deeds(Workbench& bench);        // to nodes with lower numbers

}  // namespace peerbed::scenarios
