#pragma once
// A GraphML file as it stands: nodes, edges, and their attributes by name. It supports keys with defaults, data, and
// directed and undirected edges. The declared type of an attribute is ignored, because files in the wild get it wrong.

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
  std::vector<GraphmlEdge> edges;                      // parallel ones and loops included
  std::set<std::string, std::less<>> edge_attributes;  // the names that the file declares
};

// Throws std::runtime_error of one sentence with the file, and the line where there is one, for what is no XML, no
// GraphML, out of the limits above, or contradicts itself (an edge to a node that is not there, a node given twice);
// and for hyperedges and nested graphs, which no link of a network is.
Graphml read_graphml(const std::string& path);

}  // namespace peerbed::sim
