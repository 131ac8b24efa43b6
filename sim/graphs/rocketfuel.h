#pragma once
// Reads maps of internet providers as Rocketfuel published them (Spring, Mahajan, Wetherall, "Measuring ISP Topologies
// with Rocketfuel", SIGCOMM 2002; weights: Mahajan, Spring, Wetherall, Anderson, "Inferring Link Weights Using
// End-to-End Measurements", IMW 2002).

#include <string>
#include <string_view>

#include "sim/graphs/graph_file.h"

namespace peerbed::sim {

// A map of routers (.cch): "uid @loc [+] [bb] (neighbours) [&external] -> <uid> ... {-external} ... =name[!] rn".
bool is_rocketfuel_map(std::string_view text) noexcept;
// Lines of "location location number": weights.intra and latencies.intra.
bool is_rocketfuel_weights(std::string_view text) noexcept;

// Routers of the provider itself, with the attributes label (the name), location and backbone; routers of others, whose
// ids are negative, are left out. Links have no attributes. Throws as read_graph_file does.
GraphFile parse_rocketfuel_map(const std::string& path, const std::string& text);
// Links have the attribute weight: of weights.intra a routing weight, of latencies.intra ms. Each direction has its own
// line; if one has none, the other holds for both.
GraphFile parse_rocketfuel_weights(const std::string& path, const std::string& text);

}  // namespace peerbed::sim
