#include "sim/network/partition.h"

#include <algorithm>
#include <map>
#include <numeric>
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

// Between two sites, by their position in a list.
struct SiteLink {
  std::size_t from = 0;
  std::size_t to = 0;
  Duration length{};
};

// Those of a minimum spanning tree (Prim 1957), the shortest first.
std::vector<SiteLink> shortest_links(const LatencyModel& latency, std::span<const SiteIndex> sites) {
  const auto length = [&](std::size_t a, std::size_t b) {
    return std::min(latency.minimum(sites[a], sites[b]), latency.minimum(sites[b], sites[a]));
  };
  std::vector<SiteLink> nearest;  // of each site that is not in the tree: the link to the tree
  for (std::size_t site = 1; site < sites.size(); ++site) nearest.push_back({0, site, length(0, site)});
  const auto is_shorter = [](const SiteLink& a, const SiteLink& b) {
    return std::tie(a.length, a.to) < std::tie(b.length, b.to);
  };
  std::vector<SiteLink> tree;
  while (!nearest.empty()) {
    const auto next = std::min_element(nearest.begin(), nearest.end(), is_shorter);
    tree.push_back(*next);
    nearest.erase(next);
    for (SiteLink& link : nearest)
      if (const Duration other = length(tree.back().to, link.to); other < link.length)
        link = {tree.back().to, link.to, other};
  }
  std::stable_sort(tree.begin(), tree.end(), is_shorter);
  return tree;
}

// The cluster of each site when these links join them: the position of its first site.
std::vector<std::size_t> clusters(std::span<const SiteLink> links, std::size_t sites) {
  std::vector<std::size_t> parent(sites);
  std::iota(parent.begin(), parent.end(), std::size_t{0});
  const auto root = [&parent](std::size_t site) {
    while (parent[site] != site) site = parent[site];
    return site;
  };
  for (const SiteLink& link : links) {
    const auto [low, high] = std::minmax({root(link.from), root(link.to)});
    parent[high] = low;
  }
  for (std::size_t site = 0; site < sites; ++site) parent[site] = root(site);
  return parent;
}

// The lane of each site, if no lane gets a fifth more hosts than its share: the largest clusters first, each to the
// lane with the fewest hosts (Graham 1969).
std::vector<LaneIndex> pack(std::span<const std::size_t> cluster_of, std::span<const std::size_t> hosts,
                            std::size_t lanes) {
  std::vector<std::size_t> size(cluster_of.size());
  for (std::size_t site = 0; site < cluster_of.size(); ++site) size[cluster_of[site]] += hosts[site];
  std::vector<std::size_t> order(cluster_of.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&size](std::size_t a, std::size_t b) { return size[a] > size[b]; });
  std::vector<std::size_t> load(lanes);
  std::vector<LaneIndex> lane_of_cluster(cluster_of.size());
  for (const std::size_t cluster : order) {
    const auto least = std::min_element(load.begin(), load.end());
    lane_of_cluster[cluster] = static_cast<LaneIndex>(least - load.begin());
    *least += size[cluster];
  }
  const std::size_t all = std::accumulate(hosts.begin(), hosts.end(), std::size_t{0});
  const auto [least, most] = std::minmax_element(load.begin(), load.end());
  if (*least == 0 || *most * lanes * 5 > all * 6) return {};
  std::vector<LaneIndex> lane_of_site;
  for (const std::size_t cluster : cluster_of) lane_of_site.push_back(lane_of_cluster[cluster]);
  return lane_of_site;
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

std::vector<LaneIndex> deal_sites(const Network& network, std::size_t lanes) {
  const LatencyModel& latency = network.default_conditions().latency;
  if (latency.site_count() < lanes) return {};
  std::map<SiteIndex, std::size_t> hosts_at;
  for (NodeIndex node = 0; node < network.size(); ++node) ++hosts_at[network.site(node)];
  if (hosts_at.size() < lanes || hosts_at.size() > many_places) return {};
  std::vector<SiteIndex> sites;
  std::vector<std::size_t> hosts;
  for (const auto& [site, count] : hosts_at) {
    sites.push_back(site);
    hosts.push_back(count);
  }
  // The fewer of these links are cut, the farther the clusters are apart. So the shortest ones are cut last, and only
  // if lanes get equal shares no other way (single linkage; Gower and Ross 1969).
  const std::vector<SiteLink> links = shortest_links(latency, sites);
  for (std::size_t joined = links.size() + 1 - lanes;; --joined) {
    const std::vector<std::size_t> cluster_of = clusters(std::span(links).first(joined), sites.size());
    const std::vector<LaneIndex> lane_of_site = pack(cluster_of, hosts, lanes);
    if (!lane_of_site.empty()) {
      std::vector<LaneIndex> lane_of(network.size());
      for (NodeIndex node = 0; node < network.size(); ++node) {
        const auto at = std::lower_bound(sites.begin(), sites.end(), network.site(node));
        lane_of[node] = lane_of_site[static_cast<std::size_t>(at - sites.begin())];
      }
      return lane_of;
    }
    if (joined == 0) return {};
  }
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
  return {};
}

}  // namespace peerbed::sim
