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
#include "sim/network/graphml.h"
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
      : path_(path), options_(options), graphml_(read_graphml(path)) {}

  Topology build() && {
    for (const auto& name : {options_.latency_attribute, options_.rate_attribute, options_.queue_attribute})
      if (!name.empty() && graphml_.edge_attributes.count(name) == 0)
        fail("edges have no attribute \"" + name + "\"; name one that the file declares");
    name_nodes();
    keep_largest_part();
    add_sites();
    locate_by_neighbours();
    for (const GraphmlEdge& edge : graphml_.edges)
      if (edge.source != edge.target) add_link(edge);
    return std::move(topology_);
  }

 private:
  [[noreturn]] void fail(const std::string& problem) const { throw std::runtime_error(path_ + ": " + problem); }

  static const std::string* find(const GraphmlAttributes& attributes, std::string_view name) {
    const auto found = attributes.find(name);
    return found == attributes.end() || found->second.empty() ? nullptr : &found->second;
  }

  void name_nodes() {
    std::map<std::string, int, std::less<>> uses;
    for (const GraphmlNode& node : graphml_.nodes)
      if (const auto* label = find(node.attributes, "label")) ++uses[*label];
    for (const GraphmlNode& node : graphml_.nodes) {
      const auto* label = find(node.attributes, "label");
      names_.push_back(label == nullptr ? node.id : uses[*label] == 1 ? *label : *label + " (" + node.id + ")");
    }
  }

  void keep_largest_part() {
    Graph graph(graphml_.nodes.size());
    for (const GraphmlEdge& edge : graphml_.edges) {
      boost::add_edge(edge.source, edge.target, graph);
      if (!edge.directed) boost::add_edge(edge.target, edge.source, graph);
    }
    std::vector<std::size_t> part(graphml_.nodes.size());
    const std::size_t count = boost::strong_components(
        graph, boost::make_iterator_property_map(part.begin(), boost::get(boost::vertex_index, graph)));
    if (count == 1) return;
    std::vector<std::size_t> sizes(count);
    for (const std::size_t number : part) ++sizes[number];
    keep_part(part, *std::max_element(part.begin(), part.end(),
                                      [&sizes](std::size_t a, std::size_t b) { return sizes[a] < sizes[b]; }));
  }

  void keep_part(const std::vector<std::size_t>& part, std::size_t kept) {
    std::vector<std::size_t> new_index(part.size());
    std::vector<std::string> names;
    Graphml rest;
    for (std::size_t i = 0; i < part.size(); ++i) {
      if (part[i] != kept) {
        topology_.left_out.push_back(std::move(names_[i]));
        continue;
      }
      new_index[i] = rest.nodes.size();
      rest.nodes.push_back(std::move(graphml_.nodes[i]));
      names.push_back(std::move(names_[i]));
    }
    for (GraphmlEdge& edge : graphml_.edges) {
      if (part[edge.source] != kept || part[edge.target] != kept) continue;
      edge.source = new_index[edge.source];
      edge.target = new_index[edge.target];
      rest.edges.push_back(std::move(edge));
    }
    graphml_ = std::move(rest);
    names_ = std::move(names);
  }

  void add_sites() {
    for (std::size_t i = 0; i < graphml_.nodes.size(); ++i) {
      const GraphmlNode& node = graphml_.nodes[i];
      TopologySite site;
      site.name = names_[i];
      site.location = location_of(node, site.name);
      const auto* internal = find(node.attributes, "Internal");
      site.internal = internal == nullptr || *internal != "0";
      topology_.sites.push_back(std::move(site));
    }
  }

  std::optional<GeographicPoint> location_of(const GraphmlNode& node, const std::string& name) const {
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
    for (const GraphmlEdge& edge : graphml_.edges) {
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

  void add_link(const GraphmlEdge& edge) {
    TopologyLink link;
    link.from = static_cast<SiteIndex>(edge.source);
    link.to = static_cast<SiteIndex>(edge.target);
    link.one_way = edge.directed;
    link.delay = delay_of(edge);
    link.rate.bits_per_second = whole_number(edge, options_.rate_attribute, "bits a second between 1 and 1e18");
    link.queue_bytes = whole_number(edge, options_.queue_attribute, "bytes between 1 and 1e18");
    topology_.links.push_back(link);
  }

  std::string name_of(const GraphmlEdge& edge) const {
    return "the link between \"" + names_[edge.source] + "\" and \"" + names_[edge.target] + "\" ";
  }

  // Zero if the edge has no such attribute.
  std::uint64_t whole_number(const GraphmlEdge& edge, const std::string& attribute, const char* expected) const {
    const auto* text = attribute.empty() ? nullptr : find(edge.attributes, attribute);
    if (text == nullptr) return 0;
    const auto number = to_number(*text);
    if (!number || *number < 1 || *number > 1e18)
      fail(name_of(edge) + "has \"" + *text + "\" for " + attribute + "; give " + expected);
    return static_cast<std::uint64_t>(*number);
  }

  Duration delay_of(const GraphmlEdge& edge) const {
    const TopologySite& source = topology_.sites[edge.source];
    const TopologySite& target = topology_.sites[edge.target];
    if (const auto* text = find(edge.attributes, options_.latency_attribute)) {
      const auto milliseconds = to_number(*text);
      if (!milliseconds || *milliseconds < 0 || round_up(*milliseconds * 1e6) > DelayMatrix::maximum_delay)
        fail(name_of(edge) + "takes \"" + *text + "\"; give milliseconds between 0 and 4290");
      return std::max(round_up(*milliseconds * 1e6), Duration{1});
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
  Graphml graphml_;
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
    for (SiteIndex to = 0; to < delays.size(); ++to) {
      const Duration delay{distances[to]};
      if (delay > DelayMatrix::maximum_delay)
        throw std::runtime_error("the path from \"" + names[from] + "\" to \"" + names[to] +
                                 "\" takes longer than 4.29 s, or there is none; check the links' latencies");
      delays.set(from, to, delay);
    }
  }
  return delays;
}

}  // namespace peerbed::sim
