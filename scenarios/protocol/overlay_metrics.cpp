#include "scenarios/protocol/overlay_metrics.h"

namespace peerbed::scenarios {

std::vector<std::pair<std::string, Unit>> overlay_metrics() {
  std::vector<std::pair<std::string, Unit>> names;
  for (const char* name :
       {"overlay.strong_components", "overlay.largest_component", "overlay.diameter", "overlay.distance.mean",
        "overlay.in_degree.min", "overlay.in_degree.mean", "overlay.in_degree.max"})
    names.emplace_back(name, Unit::count);
  return names;
}

void measure_overlay(std::size_t nodes, const std::vector<analysis::Edge>& edges, analysis::Metrics& metrics) {
  const analysis::OverlayHealth health = analysis::overlay_health(nodes, edges);
  metrics.set("overlay.strong_components", health.strong_components, Unit::count, Better::less);
  metrics.set("overlay.largest_component", health.largest_component);
  metrics.set("overlay.diameter", health.diameter, Unit::count, Better::less);
  metrics.set("overlay.distance.mean", health.mean_distance, Unit::none, Better::less);
  metrics.set("overlay.in_degree.min", health.in_degree_minimum);
  metrics.set("overlay.in_degree.mean", health.in_degree_mean);
  metrics.set("overlay.in_degree.max", health.in_degree_maximum);
}

}  // namespace peerbed::scenarios
