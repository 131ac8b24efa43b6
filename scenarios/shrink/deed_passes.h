#pragma once
// Ways to make a failing case smaller: less is done to the nodes. Each tries its kind of change on the smallest case so
// far, the largest changes first, and returns whether any was taken.

#include "scenarios/shrink/workbench.h"

namespace peerbed::scenarios {

// Whether the later deed ends what the earlier one began.
bool undoes(const Action& later, const Action& earlier);

bool drop_deeds(Workbench& bench);        // all of a kind, with what undoes them, and alone
bool narrow_deeds(Workbench& bench);      // fewer nodes on the sides of partitions; rounder numbers
bool simplify_deeds(Workbench& bench);    // a crash in place of a departure, for example
bool move_deeds(Workbench& bench);        // to nodes with lower numbers
bool shorten_commands(Workbench& bench);  // shorter words

}  // namespace peerbed::scenarios
