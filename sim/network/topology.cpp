#include "sim/network/topology.h"

#include <algorithm>
#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/dijkstra_shortest_paths.hpp>
#include <boost/graph/strong_components.hpp>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <map>
#include <stdexcept>
#include <utility>

#include "sim/core/text_file.h"
#include "sim/graphs/graph_file.h"
#include "sim/network/attribute_units.h"
#include "sim/random/distribution.h"

namespace peerbed::sim {

namespace {

using DelayProperty = boost::property<boost::edge_weight_t, std::int64_t>;
using Graph = boost::adjacency_list<boost::vecS, boost::vecS, boost::directedS, boost::no_property, DelayProperty>;

// With relations, a site is two vertices: as long as a path goes up, and once it goes down, which is as many further
// on. A path may begin to go down anywhere.
Graph graph_of_relations(const Topology& topology) {
  const std::size_t down = topology.sites.size();
  Graph graph(2 * down);
  const auto add = [&](std::size_t from, std::size_t to, Duration delay) {
    boost::add_edge(from, to, DelayProperty(delay.count()), graph);
  };
  for (std::size_t site = 0; site < down; ++site) add(site, down + site, {});
  for (const TopologyLink& link : topology.links) {
    if (link.to_customer) {
      add(down + link.from, down + link.to, link.delay);
      add(link.to, link.from, link.delay);
    } else {
      add(link.from, down + link.to, link.delay);
      add(link.to, down + link.from, link.delay);
    }
  }
  return graph;
}

Graph graph_of(const Topology& topology) {
  Graph graph(topology.sites.size());
  for (const TopologyLink& link : topology.links) {
    boost::add_edge(link.from, link.to, DelayProperty(link.delay.count()), graph);
    if (!link.one_way) boost::add_edge(link.to, link.from, DelayProperty(link.delay.count()), graph);
  }
  return graph;
}

constexpr const char* expected_rate = "a rate above 0, such as 20Mbit/s or 81920 Kibit";

class TopologyBuilder {
 public:
  TopologyBuilder(const std::string& path, const TopologyOptions& options)
      : path_(path), options_(options), graph_(read_graph_file(path)) {
    if (options_.latency_attribute.empty()) options_.latency_attribute = graph_.usual_latency;
    topology_.has_relations = graph_.has_relations;
  }

  Topology build() && {
    for (const auto& name : {options_.latency_attribute, options_.rate_attribute, options_.queue_attribute,
                             options_.loss_attribute, options_.jitter_attribute, options_.discipline_attribute})
      if (!name.empty() && graph_.edge_attributes.count(name) == 0)
        fail("edges have no attribute \"" + name + "\"; name one that the file declares");
    for (const auto& name : {options_.uplink_attribute, options_.downlink_attribute})
      if (!name.empty() && !is_in_nodes(name))
        fail("nodes have no attribute \"" + name + "\"; name one that the file gives");
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

  bool is_in_nodes(const std::string& name) const {
    return std::any_of(graph_.nodes.begin(), graph_.nodes.end(),
                       [&](const GraphNode& node) { return find(node.attributes, name) != nullptr; });
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
      site.uplink = rate_of(node, options_.uplink_attribute, site.name);
      site.downlink = rate_of(node, options_.downlink_attribute, site.name);
      topology_.sites.push_back(std::move(site));
    }
  }

  Rate rate_of(const GraphNode& node, const std::string& attribute, const std::string& name) const {
    const auto* text = attribute.empty() ? nullptr : find(node.attributes, attribute);
    if (text == nullptr) return {};
    const auto rate = parse_rate_attribute(*text, options_.rate_unit);
    if (!rate) fail("node \"" + name + "\" has \"" + *text + "\" for " + attribute + "; give " + expected_rate);
    return {*rate};
  }

  std::optional<GeographicPoint> location_of(const GraphNode& node, const std::string& name) const {
    const auto any_of = [&node](std::initializer_list<const char*> names) -> const std::string* {
      for (const char* each : names)
        if (const auto* found = find(node.attributes, each)) return found;
      return nullptr;
    };
    const auto* latitude = any_of({"Latitude", "latitude", "lat"});
    const auto* longitude = any_of({"Longitude", "longitude", "lon", "lng"});
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
    return options_.usual_latency || find(edge.attributes, options_.latency_attribute) != nullptr ||
           (topology_.sites[edge.source].location && topology_.sites[edge.target].location);
  }

  // A loop without a latency says nothing.
  void add_loop(const GraphEdge& edge) {
    if (find(edge.attributes, options_.latency_attribute) == nullptr) return;
    std::optional<Duration>& within = topology_.sites[edge.source].within;
    const Duration delay = delay_of(edge);
    if (within && *within <= delay) return;
    within = delay;
    std::erase_if(topology_.links,
                  [&](const TopologyLink& link) { return link.from == edge.source && link.to == edge.source; });
    TopologyLink loop = link_of(edge);
    loop.one_way = true;
    if (loop.rate != Rate{} || loop.loss.value_or(0) > 0 || loop.jitter.value_or(Duration{}) > Duration{})
      topology_.links.push_back(loop);
  }

  void add_link(const GraphEdge& edge) { topology_.links.push_back(link_of(edge)); }

  std::string name_of(const GraphEdge& edge) const {
    return "the link between \"" + names_[edge.source] + "\" and \"" + names_[edge.target] + "\" ";
  }

  // Nothing if the edge has no such attribute.
  template <class Parse>
  auto quantity(const GraphEdge& edge, const std::string& attribute, const char* expected, Parse&& parse) const {
    const auto* text = attribute.empty() ? nullptr : find(edge.attributes, attribute);
    if (text == nullptr) return decltype(parse(*text)){};
    const auto value = parse(*text);
    if (!value) fail(name_of(edge) + "has \"" + *text + "\" for " + attribute + "; give " + expected);
    return value;
  }

  TopologyLink link_of(const GraphEdge& edge) const {
    TopologyLink link;
    link.from = static_cast<SiteIndex>(edge.source);
    link.to = static_cast<SiteIndex>(edge.target);
    link.one_way = edge.directed;
    link.to_customer = graph_.has_relations && edge.attributes.at("relation") == "-1";
    link.delay = delay_of(edge);
    link.rate.bits_per_second = quantity(edge, options_.rate_attribute, expected_rate, [this](std::string_view text) {
                                  return parse_rate_attribute(text, options_.rate_unit);
                                }).value_or(0);
    link.queue_bytes =
        quantity(edge, options_.queue_attribute, "bytes above 0, such as 65536 or 64KiB", [](std::string_view text) {
          return parse_size_attribute(text);
        }).value_or(0);
    link.loss = quantity(edge, options_.loss_attribute, "a share from 0 to 1, such as 0.05 or 5%",
                         [](std::string_view text) { return parse_share_attribute(text); });
    link.jitter = quantity(edge, options_.jitter_attribute, "milliseconds, or a unit: 5 ms, 80us",
                           [](std::string_view text) { return parse_latency_attribute(text); });
    link.discipline =
        quantity(edge, options_.discipline_attribute, "drop_tail, red, codel or fq_codel", parse_discipline);
    return link;
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
    if (options_.usual_latency && !(source.location && target.location)) return *options_.usual_latency;
    for (const TopologySite* end : {&source, &target})
      if (!end->location)
        fail(name_of(edge) + "has no latency, and \"" + end->name +
             "\" no coordinates, nor has any node that it is linked " +
             "to; give Latitude and Longitude, name the attribute with the latency, or give a latency for such links");
    return std::max(cable_delay(*source.location, *target.location), options_.shortest_link);
  }

  const std::string& path_;
  TopologyOptions options_;
  GraphFile graph_;
  std::vector<std::string> names_;  // of the nodes
  Topology topology_;
};

}  // namespace

Topology load_topology(const std::string& path, const TopologyOptions& options) {
  return TopologyBuilder(path, options).build();
}

DelayMatrix shortest_path_delays(const Topology& topology) {
  const Graph graph = topology.has_relations ? graph_of_relations(topology) : graph_of(topology);
  std::vector<std::string> names;
  for (const TopologySite& site : topology.sites) names.push_back(site.name);
  DelayMatrix delays(topology.sites.size(), names);
  std::vector<std::int64_t> distances(boost::num_vertices(graph));
  const std::size_t arrives = topology.has_relations ? topology.sites.size() : 0;
  for (SiteIndex from = 0; from < delays.size(); ++from) {
    boost::dijkstra_shortest_paths(graph, from,
                                   boost::distance_map(boost::make_iterator_property_map(
                                       distances.begin(), boost::get(boost::vertex_index, graph))));
    const TopologySite& source = topology.sites[from];
    for (SiteIndex to = 0; to < delays.size(); ++to) {
      const Duration delay = from == to ? source.within.value_or(Duration::zero()) : Duration{distances[arrives + to]};
      if (delay > DelayMatrix::maximum_delay && topology.has_relations)
        throw std::runtime_error("there is no valley-free path from " + names[from] + " to " + names[to] +
                                 "; leave one of them out, or add a link");
      if (delay > DelayMatrix::maximum_delay && source.part == topology.sites[to].part)
        throw std::runtime_error("the path from \"" + names[from] + "\" to \"" + names[to] +
                                 "\" takes longer than 4.29 s; check the links' latencies");
      delays.set(from, to, std::min(delay, DelayMatrix::maximum_delay));
    }
  }
  return delays;
}

}  // namespace peerbed::sim
