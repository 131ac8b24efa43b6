#include "analysis/statistics/overlay.h"

#include <algorithm>
#include <boost/graph/breadth_first_search.hpp>
#include <boost/graph/compressed_sparse_row_graph.hpp>
#include <boost/graph/strong_components.hpp>
#include <boost/graph/visitors.hpp>

namespace peerbed::analysis {
namespace {

using Graph = boost::compressed_sparse_row_graph<boost::directedS>;

void measure_components(const Graph& graph, OverlayHealth& health) {
  std::vector<std::size_t> component(health.vertices);
  const auto index = boost::get(boost::vertex_index, graph);
  health.strong_components = static_cast<std::size_t>(
      boost::strong_components(graph, boost::make_iterator_property_map(component.begin(), index)));
  std::vector<std::size_t> sizes(health.strong_components);
  for (const std::size_t which : component) ++sizes[which];
  health.largest_component = *std::max_element(sizes.begin(), sizes.end());
}

void measure_in_degrees(const std::vector<Edge>& edges, OverlayHealth& health) {
  std::vector<std::size_t> degrees(health.vertices);
  for (const Edge& edge : edges) ++degrees[edge.second];
  const auto [least, most] = std::minmax_element(degrees.begin(), degrees.end());
  health.in_degree_minimum = *least;
  health.in_degree_maximum = *most;
  health.in_degree_mean = static_cast<double>(edges.size()) / static_cast<double>(health.vertices);
}

// Breadth-first distances from evenly spread sources, or from all vertices if there are few.
void measure_distances(const Graph& graph, OverlayHealth& health) {
  const std::size_t stride = (health.vertices + diameter_sources - 1) / diameter_sources;
  const auto index = boost::get(boost::vertex_index, graph);
  std::vector<std::size_t> distance(health.vertices);
  std::uint64_t pairs = 0;
  std::uint64_t total = 0;
  for (std::size_t source = 0; source < health.vertices; source += stride) {
    std::fill(distance.begin(), distance.end(), 0);
    const auto distances = boost::make_iterator_property_map(distance.begin(), index);
    boost::breadth_first_search(
        graph, source,
        boost::visitor(boost::make_bfs_visitor(boost::record_distances(distances, boost::on_tree_edge()))));
    for (const std::size_t hops : distance) {
      if (hops == 0) continue;  // the source itself, or unreachable
      ++pairs;
      total += hops;
      health.diameter = std::max(health.diameter, hops);
    }
  }
  if (pairs > 0) health.mean_distance = static_cast<double>(total) / static_cast<double>(pairs);
}

}  // namespace

OverlayHealth overlay_health(std::size_t vertices, const std::vector<Edge>& edges) {
  OverlayHealth health;
  health.vertices = vertices;
  health.edges = edges.size();
  if (vertices == 0) return health;
  const Graph graph(boost::edges_are_unsorted_multi_pass, edges.begin(), edges.end(), vertices);
  measure_components(graph, health);
  measure_in_degrees(edges, health);
  measure_distances(graph, health);
  return health;
}

}  // namespace peerbed::analysis
