#pragma once
// The health of an overlay as a directed graph: who knows whom. Plain data in, plain numbers out.

#include <cstdint>
#include <utility>
#include <vector>

namespace peerbed::analysis {

using Edge = std::pair<std::uint32_t, std::uint32_t>;  // from, to

struct OverlayHealth {
  std::size_t vertices = 0;
  std::size_t edges = 0;
  std::size_t strong_components = 0;
  std::size_t largest_component = 0;  // vertices in it
  // The longest shortest path in hops between connected pairs; with more than diameter_sources vertices, a lower bound
  // from that many of them.
  std::size_t diameter = 0;
  double mean_distance = 0;  // hops, over the same pairs
  std::size_t in_degree_minimum = 0;
  double in_degree_mean = 0;
  std::size_t in_degree_maximum = 0;
};

constexpr std::size_t diameter_sources = 512;

// Every edge joins two vertices below `vertices`.
OverlayHealth overlay_health(std::size_t vertices, const std::vector<Edge>& edges);

}  // namespace peerbed::analysis
