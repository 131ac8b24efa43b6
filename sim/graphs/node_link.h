#pragma once
// Reads the node-link JSON of NetworkX (`nx.node_link_data`), in which TopoHub publishes its topologies.

#include <string>

#include "sim/graphs/graph_file.h"

namespace peerbed::sim {

// `text` is the file's content in UTF-8. Lists and objects within nodes and edges are skipped. Throws as
// read_graph_file does.
GraphFile parse_node_link(const std::string& path, const std::string& text);

}  // namespace peerbed::sim
