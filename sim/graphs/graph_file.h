#pragma once
// The contents of a file that describes a graph: nodes, edges, and their attributes by name, as text.

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace peerbed::sim {

using GraphAttributes = std::map<std::string, std::string, std::less<>>;

struct GraphNode {
  std::string id;
  GraphAttributes attributes;
};

struct GraphEdge {
  std::size_t source = 0;  // indices into GraphFile::nodes
  std::size_t target = 0;
  bool directed = false;
  GraphAttributes attributes;
};

struct GraphFile {
  static constexpr std::size_t maximum_bytes = std::size_t{16} << 20;
  static constexpr std::size_t maximum_depth = 64;  // of nested elements
  static constexpr std::size_t maximum_nodes = 8192;

  std::vector<GraphNode> nodes;
  std::vector<GraphEdge> edges;                        // including parallel edges and loops
  std::set<std::string, std::less<>> edge_attributes;  // the names that the file declares, or that an edge has
  std::string usual_latency;   // the attribute that a format has for the latency of an edge; else empty
  bool has_relations = false;  // edges are relationships of autonomous systems: the attribute relation (as_relations.h)
};

// Reads GraphML, GML (Himsolt 1997), the node-link JSON of NetworkX, BRITE, Rocketfuel or CAIDA's as-rel, whichever the
// file is. Text may be in UTF-8 or UTF-16. Throws std::runtime_error with one sentence that names the file, and the
// line if known, for a file that is none of these, exceeds the limits above, contradicts itself (an edge to a missing
// node, a node given twice), or has hyperedges or nested graphs, which no network link can be.
GraphFile read_graph_file(const std::string& path);

}  // namespace peerbed::sim
