#pragma once
// Latency between places: from a matrix file, a topology file, the world's cities, or a plane.

#include <optional>

#include "scenarios/plan/scenario.h"
#include "scenarios/text/field.h"

namespace peerbed::scenarios {

// Nothing when the field is no such latency. Files are read at once; what is wrong with them is told at this field.
std::optional<sim::LatencyModel> read_site_latency(const Field& field, NetworkPlan& plan);

}  // namespace peerbed::scenarios
