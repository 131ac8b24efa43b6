#pragma once
// Reads topologies as BRITE writes them (Medina, Lakhina, Matta, Byers, "BRITE: Universal Topology Generation from a
// User's Perspective", 2001).

#include <string>
#include <string_view>

#include "sim/graphs/graph_file.h"

namespace peerbed::sim {

bool is_brite(std::string_view text) noexcept;

// Nodes have the attributes x, y, as and type; edges length, delay ("1.88 ms"), bandwidth ("10 Mbit") and type. Throws
// as read_graph_file does.
GraphFile parse_brite(const std::string& path, const std::string& text);

}  // namespace peerbed::sim
