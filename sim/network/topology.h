#pragma once
// Networks of sites and links from graph files (graph_file.h), including those of the Topology Zoo (Knight et al. 2011)
// as published and Shadow's, and the delays of their shortest paths. A link's delay comes from its attribute if it has
// one; otherwise from the great-circle distance of its ends at 200 km/ms, times 1.5.

#include <optional>
#include <string>
#include <vector>

#include "protocols/environment/time.h"
#include "sim/core/types.h"
#include "sim/network/delay_matrix.h"
#include "sim/network/geography.h"

namespace peerbed::sim {

struct TopologyOptions {
  // Names of edge attributes. Empty: there is none. A value may have a unit (attribute_units.h).
  std::string latency_attribute;  // of a link, one way; without a unit, in milliseconds
  std::string rate_attribute{};   // of either direction: LinkSpeedRaw in the Topology Zoo
  std::string queue_attribute{};  // before either direction, bytes
  double rate_unit = 1;           // bits a second, of a rate without a unit
  // Minimum delay of a link, even between nodes at the same location: its equipment.
  Duration shortest_link{100'000};
};

struct TopologySite {
  std::string name;  // the label, with the id in brackets if it is not unique; or the id
  std::optional<GeographicPoint> location;
  bool location_is_guessed = false;  // from its neighbours' positions
  bool internal = true;              // false for a neighbouring network's node: Internal = 0 in the Topology Zoo
  std::optional<Duration> within;    // between two hosts at the site: the latency of its shortest loop
  std::uint32_t part = 0;            // sites of one part, and no others, can all reach one another
};

struct TopologyLink {
  SiteIndex from = 0;
  SiteIndex to = 0;
  bool one_way = false;
  Duration delay{};
  Rate rate;                      // zero if the file does not say
  std::uint64_t queue_bytes = 0;  // zero if the file does not say
};

struct Topology {
  std::vector<TopologySite> sites;  // the file's nodes, in its order
  std::vector<TopologyLink> links;  // including parallel links, but no loops
  std::uint32_t parts = 0;
  std::uint32_t largest_part = 0;  // of equals, the one with the earliest site
};

// Latitude and Longitude are in degrees. A node without both is put in the middle of its neighbours that have a
// position, and can then position its own neighbours, round by round. Throws std::runtime_error with one sentence that
// names the file for anything that read_graph_file refuses, for attributes that are not quantities in range or that no
// edge can have, and for a link of the largest part with neither a latency nor two positions. Outside that part, such a
// link is left out, and its ends are parts of their own.
Topology load_topology(const std::string& path, const TopologyOptions& options = {});

// The delay of the shortest path from each site to each other one (Dijkstra 1959). From a site to itself it is that of
// the site's loop, or 0 if it has none. Between parts it is DelayMatrix::maximum_delay where there is no path. Throws
// std::runtime_error if a path within a part takes longer than that.
DelayMatrix shortest_path_delays(const Topology& topology);

}  // namespace peerbed::sim
