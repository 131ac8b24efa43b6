#include "sim/network/topology.h"

#include <algorithm>
#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/dijkstra_shortest_paths.hpp>
#include <boost/graph/strong_components.hpp>
#include <cstdint>
#include <limits>
#include <map>
#include <stdexcept>
#include <utility>

#include "sim/core/text_file.h"
#include "sim/network/attribute_units.h"
#include "sim/network/graph_file.h"
#include "sim/random/distribution.h"

namespace peerbed::sim {

namespace {

using DelayProperty = boost::property<boost::edge_weight_t, std::int64_t>;
using Graph = boost::adjacency_list<boost::vecS, boost::vecS, boost::directedS, boost::no_property, DelayProperty>;

Graph graph_of(const Topology& topology) {
  Graph graph(topology.sites.size());
  for (const TopologyLink& link : topology.links) {
    boost::add_edge(link.from, link.to, DelayProperty(link.delay.count()), graph);
    if (!link.one_way) boost::add_edge(link.to, link.from, DelayProperty(link.delay.count()), graph);
  }
  return graph;
}

class TopologyBuilder {
 public:
  TopologyBuilder(const std::string& path, const TopologyOptions& options)
      : path_(path), options_(options), graph_(read_graph_file(path)) {}

  Topology build() && {
    for (const auto& name : {options_.latency_attribute, options_.rate_attribute, options_.queue_attribute})
      if (!name.empty() && graph_.edge_attributes.count(name) == 0)
        fail("edges have no attribute \"" + name + "\"; name one that the file declares");
    name_nodes();
    add_sites();
    divide([](const GraphEdge&) { return true; });
    locate_by_neighbours();
    add_links();
    return std::move(topology_);
  }

 private:
  [[noreturn]] void fail(const std::string& problem) const { throw std::runtime_error(path_ + ": " + problem); }

  static const std::string* find(const GraphAttributes& attributes, std::string_view name) {
    const auto found = attributes.find(name);
    return found == attributes.end() || found->second.empty() ? nullptr : &found->second;
  }

  static const std::string* label_of(const GraphNode& node) {
    const auto* label = find(node.attributes, "label");
    return label == nullptr ? find(node.attributes, "name") : label;
  }

  void name_nodes() {
    std::map<std::string, int, std::less<>> uses;
    for (const GraphNode& node : graph_.nodes)
      if (const auto* label = label_of(node)) ++uses[*label];
    for (const GraphNode& node : graph_.nodes) {
      const auto* label = label_of(node);
      names_.push_back(label == nullptr ? node.id : uses[*label] == 1 ? *label : *label + " (" + node.id + ")");
    }
  }

  // Divides the sites into parts by the edges that count.
  template <class Counts>
  void divide(Counts&& counts) {
    Graph graph(graph_.nodes.size());
    for (const GraphEdge& edge : graph_.edges) {
      if (!counts(edge)) continue;
      boost::add_edge(edge.source, edge.target, graph);
      if (!edge.directed) boost::add_edge(edge.target, edge.source, graph);
    }
    std::vector<std::uint32_t> part(graph_.nodes.size());
    topology_.parts = static_cast<std::uint32_t>(boost::strong_components(
        graph, boost::make_iterator_property_map(part.begin(), boost::get(boost::vertex_index, graph))));
    std::vector<std::size_t> sizes(topology_.parts);
    for (const std::uint32_t number : part) ++sizes[number];
    topology_.largest_part = *std::max_element(
        part.begin(), part.end(), [&sizes](std::uint32_t a, std::uint32_t b) { return sizes[a] < sizes[b]; });
    for (std::size_t i = 0; i < part.size(); ++i) topology_.sites[i].part = part[i];
  }

  void add_sites() {
    for (std::size_t i = 0; i < graph_.nodes.size(); ++i) {
      const GraphNode& node = graph_.nodes[i];
      TopologySite site;
      site.name = names_[i];
      site.location = location_of(node, site.name);
      const auto* internal = find(node.attributes, "Internal");
      site.internal = internal == nullptr || *internal != "0";
      topology_.sites.push_back(std::move(site));
    }
  }

  std::optional<GeographicPoint> location_of(const GraphNode& node, const std::string& name) const {
    const auto* latitude = find(node.attributes, "Latitude");
    const auto* longitude = find(node.attributes, "Longitude");
    if (latitude == nullptr || longitude == nullptr) return std::nullopt;
    const auto north = to_number(*latitude);
    const auto east = to_number(*longitude);
    if (!north || !east || !is_on_earth({*north, *east}))
      fail("node \"" + name + "\" is at \"" + *latitude + "\", \"" + *longitude + "\"; give degrees north and east");
    return GeographicPoint{*north, *east};
  }

  // Each round looks only at the positions from the round before, so that the order of nodes does not matter.
  void locate_by_neighbours() {
    std::vector<std::vector<SiteIndex>> neighbours(topology_.sites.size());
    for (const GraphEdge& edge : graph_.edges) {
      neighbours[edge.source].push_back(static_cast<SiteIndex>(edge.target));
      neighbours[edge.target].push_back(static_cast<SiteIndex>(edge.source));
    }
    std::vector<SiteIndex> located;
    for (SiteIndex site = 0; site < topology_.sites.size(); ++site)
      if (topology_.sites[site].location) located.push_back(site);
    while (!located.empty()) located = locate_next_to(located, neighbours);
  }

  // Positions the neighbours of the sites that the last round positioned; returns them.
  std::vector<SiteIndex> locate_next_to(const std::vector<SiteIndex>& located,
                                        const std::vector<std::vector<SiteIndex>>& neighbours) {
    std::map<SiteIndex, GeographicPoint> found;
    for (const SiteIndex site : located)
      for (const SiteIndex candidate : neighbours[site])
        if (!topology_.sites[candidate].location) found.try_emplace(candidate);
    std::vector<SiteIndex> sites;
    for (auto& [site, location] : found) {
      std::vector<GeographicPoint> locations;
      for (const SiteIndex neighbour : neighbours[site])
        if (const auto& known = topology_.sites[neighbour].location) locations.push_back(*known);
      location = middle_of(locations);
      sites.push_back(site);
    }
    for (const auto& [site, location] : found) {
      topology_.sites[site].location = location;
      topology_.sites[site].location_is_guessed = true;
    }
    return sites;
  }

  void add_links() {
    const auto has_delay = [this](const GraphEdge& edge) { return in_largest_part(edge) || is_measurable(edge); };
    for (const GraphEdge& edge : graph_.edges) {
      if (edge.source == edge.target)
        add_loop(edge);
      else if (has_delay(edge))
        add_link(edge);
    }
    if (!std::all_of(graph_.edges.begin(), graph_.edges.end(), has_delay)) divide(has_delay);
  }

  bool in_largest_part(const GraphEdge& edge) const {
    return topology_.sites[edge.source].part == topology_.largest_part &&
           topology_.sites[edge.target].part == topology_.largest_part;
  }
  bool is_measurable(const GraphEdge& edge) const {
    return find(edge.attributes, options_.latency_attribute) != nullptr ||
           (topology_.sites[edge.source].location && topology_.sites[edge.target].location);
  }

  // A loop without a latency says nothing.
  void add_loop(const GraphEdge& edge) {
    if (find(edge.attributes, options_.latency_attribute) == nullptr) return;
    std::optional<Duration>& within = topology_.sites[edge.source].within;
    const Duration delay = delay_of(edge);
    within = within ? std::min(*within, delay) : delay;
  }

  void add_link(const GraphEdge& edge) {
    TopologyLink link;
    link.from = static_cast<SiteIndex>(edge.source);
    link.to = static_cast<SiteIndex>(edge.target);
    link.one_way = edge.directed;
    link.delay = delay_of(edge);
    link.rate.bits_per_second =
        quantity(edge, options_.rate_attribute, "a rate above 0, such as 20Mbit/s or 81920 Kibit",
                 [this](std::string_view text) { return parse_rate_attribute(text, options_.rate_unit); });
    link.queue_bytes = quantity(edge, options_.queue_attribute, "bytes above 0, such as 65536 or 64KiB",
                                [](std::string_view text) { return parse_size_attribute(text); });
    topology_.links.push_back(link);
  }

  std::string name_of(const GraphEdge& edge) const {
    return "the link between \"" + names_[edge.source] + "\" and \"" + names_[edge.target] + "\" ";
  }

  // Zero if the edge has no such attribute.
  template <class Parse>
  std::uint64_t quantity(const GraphEdge& edge, const std::string& attribute, const char* expected,
                         Parse&& parse) const {
    const auto* text = attribute.empty() ? nullptr : find(edge.attributes, attribute);
    if (text == nullptr) return 0;
    const std::optional<std::uint64_t> value = parse(*text);
    if (!value) fail(name_of(edge) + "has \"" + *text + "\" for " + attribute + "; give " + expected);
    return *value;
  }

  Duration delay_of(const GraphEdge& edge) const {
    const TopologySite& source = topology_.sites[edge.source];
    const TopologySite& target = topology_.sites[edge.target];
    if (const auto* text = find(edge.attributes, options_.latency_attribute)) {
      const auto delay = parse_latency_attribute(*text);
      if (!delay || *delay > DelayMatrix::maximum_delay)
        fail(name_of(edge) + "takes \"" + *text + "\"; give milliseconds between 0 and 4290, or a unit: 50 ms, 80us");
      return std::max(*delay, Duration{1});
    }
    for (const TopologySite* end : {&source, &target})
      if (!end->location)
        fail(name_of(edge) + "has no latency, and \"" + end->name +
             "\" no coordinates, nor has any node that it is linked " +
             "to; give Latitude and Longitude, or name the attribute with the latency");
    return std::max(cable_delay(*source.location, *target.location), options_.shortest_link);
  }

  const std::string& path_;
  const TopologyOptions& options_;
  GraphFile graph_;
  std::vector<std::string> names_;  // of the nodes
  Topology topology_;
};

}  // namespace

Topology load_topology(const std::string& path, const TopologyOptions& options) {
  return TopologyBuilder(path, options).build();
}

DelayMatrix shortest_path_delays(const Topology& topology) {
  const Graph graph = graph_of(topology);
  std::vector<std::string> names;
  for (const TopologySite& site : topology.sites) names.push_back(site.name);
  DelayMatrix delays(topology.sites.size(), names);
  std::vector<std::int64_t> distances(topology.sites.size());
  for (SiteIndex from = 0; from < delays.size(); ++from) {
    boost::dijkstra_shortest_paths(graph, from,
                                   boost::distance_map(boost::make_iterator_property_map(
                                       distances.begin(), boost::get(boost::vertex_index, graph))));
    const TopologySite& source = topology.sites[from];
    for (SiteIndex to = 0; to < delays.size(); ++to) {
      const Duration delay = from == to ? source.within.value_or(Duration::zero()) : Duration{distances[to]};
      if (delay > DelayMatrix::maximum_delay && source.part == topology.sites[to].part)
        throw std::runtime_error("the path from \"" + names[from] + "\" to \"" + names[to] +
                                 "\" takes longer than 4.29 s; check the links' latencies");
      delays.set(from, to, std::min(delay, DelayMatrix::maximum_delay));
    }
  }
  return delays;
}

}  // namespace peerbed::sim
