#pragma once
// Networks of sites and links from GraphML files, including those of the Topology Zoo (Knight et al. 2011) as
// published, and the delays of their shortest paths. A link's delay comes from its attribute if it has one; otherwise
// from the great-circle distance of its ends at 200 km/ms, times 1.5.

#include <optional>
#include <string>
#include <vector>

#include "protocols/environment/time.h"
#include "sim/core/types.h"
#include "sim/network/delay_matrix.h"
#include "sim/network/geography.h"

namespace peerbed::sim {

struct TopologyOptions {
  // Edge attributes. Empty: there is none.
  std::string latency_attribute;  // of a link, one way, in milliseconds
  std::string rate_attribute{};   // of either direction, bits a second: LinkSpeedRaw in the Topology Zoo
  std::string queue_attribute{};  // before either direction, bytes
  // What a link between two nodes at the same place, or nearly so, takes at the least: its equipment.
  Duration shortest_link{100'000};
};

struct TopologySite {
  std::string name;  // the node's label, and its id in brackets where that is not unique; its id when there is no label
  std::optional<GeographicPoint> place;
  bool place_is_guessed = false;  // from its neighbours' places
  bool internal = true;           // false for a neighbouring network's node: Internal = 0 in the Topology Zoo
};

struct TopologyLink {
  SiteIndex from = 0;
  SiteIndex to = 0;
  bool one_way = false;
  Duration delay{};
  Rate rate;                      // zero when the file does not say
  std::uint64_t queue_bytes = 0;  // likewise
};

struct Topology {
  std::vector<TopologySite> sites;
  std::vector<TopologyLink> links;    // parallel ones included; none from a site to itself
  std::vector<std::string> left_out;  // names of nodes outside the largest connected part
};

// Latitude and Longitude are in degrees. A node without both is put in the middle of its placed neighbours, and then
// serves its own neighbours so, round by round. Where sites cannot all reach one another, the largest part in which
// they can is kept (of equals, the one with the earliest node), and left_out names the others.
// Throws std::runtime_error of one sentence with the file for what read_graphml refuses, attributes that are not
// numbers in range or that no edge can have, and a link that has neither a latency nor two places.
Topology load_topology(const std::string& path, const TopologyOptions& options = {});

// Along the shortest path from each site to each other one (Dijkstra 1959); 0 from a site to itself. Throws
// std::runtime_error when a path takes longer than DelayMatrix::maximum_delay.
DelayMatrix shortest_path_delays(const Topology& topology);

}  // namespace peerbed::sim
