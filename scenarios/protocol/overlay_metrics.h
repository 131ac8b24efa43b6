#pragma once
// The health of an overlay, whatever its protocol, as metrics of a run: overlay.strong_components and others.

#include <string>
#include <utility>
#include <vector>

#include "analysis/statistics/metrics.h"
#include "analysis/statistics/overlay.h"

namespace peerbed::scenarios {

// Those that measure_overlay() sets.
std::vector<std::pair<std::string, Unit>> overlay_metrics();
void measure_overlay(std::size_t nodes, const std::vector<analysis::Edge>& edges, analysis::Metrics& metrics);

}  // namespace peerbed::scenarios
