#pragma once
// Reads GraphML: keys with defaults, data, directed and undirected edges, with or without a namespace prefix. The
// declared type of an attribute is ignored, because real files often get it wrong.

#include <string>

#include "sim/graphs/graph_file.h"

namespace peerbed::sim {

// `text` is the file's content in UTF-8. Throws as read_graph_file does.
GraphFile parse_graphml(const std::string& path, const std::string& text);

}  // namespace peerbed::sim
