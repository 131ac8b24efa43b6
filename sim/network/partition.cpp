#include "sim/network/partition.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "protocols/environment/contract.h"

namespace peerbed::sim {

namespace {

// Hosts of one group at one site, and the lanes of these hosts as bits.
struct Place {
  NodeIndex example = no_node;
  std::uint64_t lanes = 0;
};

// Beyond this many, sites are not told apart.
constexpr std::size_t many_places = 2048;

std::vector<Place> places_of(const Network& network, std::span<const LaneIndex> lane_of, bool tells_sites) {
  std::map<std::pair<GroupIndex, SiteIndex>, Place> places;
  for (NodeIndex node = 0; node < lane_of.size(); ++node) {
    Place& place = places[{network.group(node), tells_sites ? network.site(node) : 0}];
    place.example = node;
    place.lanes |= std::uint64_t{1} << lane_of[node];
  }
  std::vector<Place> all;
  for (const auto& [name, place] : places) all.push_back(place);
  return all;
}

// Whether hosts of both places are in different lanes.
bool is_crossed(const Place& from, const Place& to) noexcept {
  const std::uint64_t both = from.lanes | to.lanes;
  return (both & (both - 1)) != 0;
}

}  // namespace

std::vector<LaneIndex> deal_hosts(std::size_t hosts, std::span<const NodeIndex> firsts, std::size_t lanes) {
  PEERBED_CONTRACT(lanes >= 1 && lanes <= maximum_lanes, "a world has from 1 to 64 lanes");
  std::vector<LaneIndex> lane_of(hosts);
  std::size_t turn = 0;  // the lane that gets the first host of the next small population
  for (std::size_t population = 0; population < firsts.size(); ++population) {
    const std::size_t first = firsts[population];
    const std::size_t end = population + 1 < firsts.size() ? firsts[population + 1] : hosts;
    const bool is_small = end - first < lanes;
    for (std::size_t node = first; node < end; ++node)
      lane_of[node] =
          static_cast<LaneIndex>(is_small ? (turn + node - first) % lanes : (node - first) * lanes / (end - first));
    if (is_small) turn += end - first;
  }
  return lane_of;
}

Duration lookahead(const Network& network, std::span<const LaneIndex> lane_of) {
  std::vector<Place> places = places_of(network, lane_of, true);
  const bool tells_sites = places.size() <= many_places;
  if (!tells_sites) places = places_of(network, lane_of, false);
  Duration least = LatencyModel::longest_latency;
  const auto take = [&](NodeIndex from, NodeIndex to, const LatencyModel& latency) {
    least = std::min(least, tells_sites ? latency.minimum(network.site(from), network.site(to)) : latency.minimum());
  };
  for (const Place& from : places)
    for (const Place& to : places)
      if (is_crossed(from, to)) {
        // The conditions of the two groups: those of a pair of hosts come below.
        take(from.example, to.example, network.conditions_of_groups(from.example, to.example).latency);
      }
  network.for_each_pair([&](NodeIndex from, NodeIndex to, const PathConditions& path) {
    if (lane_of[from] != lane_of[to]) take(from, to, path.latency);
  });
  return least;
}

std::string_view obstacle_to_lanes(const Network& network) {
  if (!network.gateways().empty()) return "NATs and firewalls are not shared by threads";
  if (!network.backbone().empty()) return "links of a topology are not shared by threads";
  if (network.has_managed()) return "links with a queue discipline are not shared by threads";
  if (network.has_memory()) return "losses in bursts are not shared by threads";
  if (network.has_deeds()) return "single messages are to be lost, doubled or delayed";
  if (network.has_fate_observer()) return "somebody is told the fate of each datagram";
  if (network.link_observer() != nullptr && network.has_host_links()) return "the links of hosts are recorded";
  return {};
}

}  // namespace peerbed::sim
