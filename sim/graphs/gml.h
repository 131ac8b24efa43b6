#pragma once
// Reads GML (Himsolt, "GML: A portable Graph File Format", 1997), as Shadow, igraph and NetworkX write it.

#include <string>

#include "sim/graphs/graph_file.h"

namespace peerbed::sim {

// `text` is the file's content in UTF-8. Lists within nodes and edges, such as graphics, are skipped. Throws as
// read_graph_file does.
GraphFile parse_gml(const std::string& path, const std::string& text);

}  // namespace peerbed::sim
