#pragma once
// How a large case is made small at once: what costs little to try comes first, so that not even halves of it have to
// be run.

#include "scenarios/shrink/workbench.h"

namespace peerbed::scenarios {

// Tries short runs, then few nodes of each kind, then few names in commands, each twice as many as before, until one
// fails alike. Does nothing to a case that is small. Returns whether any was taken.
bool leap(Workbench& bench);

}  // namespace peerbed::scenarios
