#pragma once
// The contents of a GraphML file: nodes, edges, and their attributes by name. It supports keys with defaults, data, and
// directed and undirected edges. The declared type of an attribute is ignored, because real files often get it wrong.

#include <cstddef>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace peerbed::sim {

using GraphmlAttributes = std::map<std::string, std::string, std::less<>>;

struct GraphmlNode {
  std::string id;
  GraphmlAttributes attributes;
};

struct GraphmlEdge {
  std::size_t source = 0;  // indices into Graphml::nodes
  std::size_t target = 0;
  bool directed = false;
  GraphmlAttributes attributes;
};

struct Graphml {
  static constexpr std::size_t maximum_bytes = std::size_t{16} << 20;
  static constexpr std::size_t maximum_depth = 64;  // of nested elements
  static constexpr std::size_t maximum_nodes = 8192;

  std::vector<GraphmlNode> nodes;
  std::vector<GraphmlEdge> edges;                      // including parallel edges and loops
  std::set<std::string, std::less<>> edge_attributes;  // the names that the file declares
};

// Throws std::runtime_error with one sentence that names the file, and the line if known, for a file that is not XML or
// not GraphML, exceeds the limits above, contradicts itself (an edge to a missing node, a node given twice), or has
// hyperedges or nested graphs, which no network link can be.
Graphml read_graphml(const std::string& path);

}  // namespace peerbed::sim
