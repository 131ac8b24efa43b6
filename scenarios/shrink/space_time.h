#pragma once
// The steps that led to a failure, as a space-time diagram.

#include "analysis/plot/space_time_figure.h"
#include "scenarios/shrink/shrink.h"

namespace peerbed::scenarios {

// Runs the shrunk scenario once more. Shows what was done to the nodes, and the messages by which those learnt of it
// that are to blame: the last ones, if there are many.
analysis::SpaceTimeFigure space_time_of(const ShrinkResult& result);

}  // namespace peerbed::scenarios
