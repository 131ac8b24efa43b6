#pragma once
// Reads the relationships of autonomous systems as CAIDA publishes them (as-rel, serial-1 and serial-2).

#include <string>
#include <string_view>

#include "sim/graphs/graph_file.h"

namespace peerbed::sim {

bool is_as_relations(std::string_view text) noexcept;

// Lines of "provider|customer|-1" or "peer|peer|0", in serial-2 with a source. Edges have the attribute relation: -1
// from a provider to its customer, 0 between peers. Throws as read_graph_file does.
GraphFile parse_as_relations(const std::string& path, const std::string& text);

}  // namespace peerbed::sim
