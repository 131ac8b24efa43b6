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
#include "sim/queues/discipline.h"

namespace peerbed::sim {

struct TopologyOptions {
  // Names of edge attributes. Empty: there is none. A value may have a unit (attribute_units.h).
  std::string latency_attribute;       // of a link, one way; without a unit, in milliseconds
  std::string rate_attribute{};        // of either direction: LinkSpeedRaw in the Topology Zoo
  std::string queue_attribute{};       // before either direction, bytes
  std::string loss_attribute{};        // of either direction: 0.05 or 5%
  std::string jitter_attribute{};      // as the latency
  std::string discipline_attribute{};  // drop_tail, red, codel or fq_codel
  // Names of node attributes: the rates of the links of each host there, as rate_attribute.
  std::string uplink_attribute{};
  std::string downlink_attribute{};
  double rate_unit = 1;                     // bits a second, of a rate without a unit
  std::optional<Duration> usual_latency{};  // of links for which the file gives neither latency nor positions
  // Minimum delay of a link, even between nodes at the same location: its equipment.
  Duration shortest_link{100'000};
};

struct TopologySite {
  std::string name;  // the label, with the id in brackets if it is not unique; or the id
  std::optional<GeographicPoint> location;
  bool location_is_guessed = false;  // from its neighbours' positions
  bool internal = true;              // false for a neighbouring network's node: Internal = 0 in the Topology Zoo
  std::optional<Duration> within;    // between two hosts at the site: the latency of its shortest loop
  Rate uplink;                       // of each host there; zero if the file does not say
  Rate downlink;
  std::uint32_t part = 0;  // sites of one part, and no others, can all reach one another
};

struct TopologyLink {
  SiteIndex from = 0;
  SiteIndex to = 0;
  bool one_way = false;
  Duration delay{};
  Rate rate;                      // zero if the file does not say
  std::uint64_t queue_bytes = 0;  // zero if the file does not say
  std::optional<double> loss{};
  std::optional<Duration> jitter{};
  std::optional<Discipline> discipline{};
  bool to_customer = false;  // with has_relations: from a provider, rather than between peers
};

struct Topology {
  std::vector<TopologySite> sites;  // the file's nodes, in its order
  // Including parallel links, and the shortest loop of a site if it is more than a latency.
  std::vector<TopologyLink> links;
  std::uint32_t parts = 0;
  std::uint32_t largest_part = 0;  // of equals, the one with the earliest site
  // Sites are autonomous systems. Paths between them are valley-free (Gao, IEEE/ACM Transactions on Networking 9(6),
  // 2001): from customers to providers, then over at most one link between peers, then from providers to customers.
  bool has_relations = false;
};

// Latitude and Longitude are in degrees. A node without both is put in the middle of its neighbours that have a
// position, and can then position its own neighbours, round by round. Throws std::runtime_error with one sentence that
// names the file for anything that read_graph_file refuses, for attributes that are not quantities in range or that no
// edge can have, and for a link of the largest part with neither a latency nor two positions. Outside that part, such a
// link is left out, and its ends are parts of their own.
Topology load_topology(const std::string& path, const TopologyOptions& options = {});

// The delay of the shortest path, valley-free if there are relations, from each site to each other one (Dijkstra 1959).
// From a site to itself it is that of the site's loop, or 0 if it has none. Between parts it is
// DelayMatrix::maximum_delay where there is no path. Throws std::runtime_error if a path within a part takes longer
// than that, or if there is no valley-free one.
DelayMatrix shortest_path_delays(const Topology& topology);

}  // namespace peerbed::sim
