#pragma once
// Latency between sites: from a matrix file, a topology file, the world's cities, or a plane.

#include <optional>

#include "scenarios/plan/scenario.h"
#include "scenarios/text/field.h"

namespace peerbed::scenarios {

// Nothing if the field is not such a latency. Files are read at once, and their errors are reported at this field.
std::optional<sim::LatencyModel> read_site_latency(const Field& field, NetworkPlan& plan);

}  // namespace peerbed::scenarios
