#include "sim/graphs/node_link.h"

#define BOOST_BIND_GLOBAL_PLACEHOLDERS  // Boost's own parser uses them

#include <algorithm>
#include <boost/property_tree/json_parser.hpp>
#include <boost/property_tree/ptree.hpp>
#include <cmath>
#include <sstream>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "sim/graphs/graph_builder.h"

namespace peerbed::sim {

namespace {

using Tree = boost::property_tree::ptree;

// The nesting depth of lists and objects. The parser recurses once per level, and stacks are small.
std::size_t nesting_depth(std::string_view text) noexcept {
  std::size_t depth = 0;
  std::size_t deepest = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (in_string) {
      if (text[i] == '\\')
        ++i;
      else if (text[i] == '"')
        in_string = false;
    } else if (text[i] == '"') {
      in_string = true;
    } else if (text[i] == '[' || text[i] == '{') {
      deepest = std::max(deepest, ++depth);
    } else if (text[i] == ']' || text[i] == '}') {
      depth -= depth > 0 ? 1 : 0;
    }
  }
  return deepest;
}

Tree parse_json(const std::string& path, const std::string& text) {
  if (nesting_depth(text) > GraphFile::maximum_depth)
    throw std::runtime_error(path + ": values are nested more than 64 deep; this is not node-link JSON");
  Tree tree;
  std::istringstream stream(text);
  try {
    boost::property_tree::read_json(stream, tree);
  } catch (const boost::property_tree::json_parser_error& error) {
    throw std::runtime_error(path + ":" + std::to_string(error.line()) + ": this is not JSON: " + error.message());
  }
  return tree;
}

// Strings, numbers and truth values; those that are null have no attribute.
GraphAttributes attributes_of(const Tree& tree) {
  GraphAttributes attributes;
  for (const auto& [key, child] : tree)
    if (child.empty() && child.data() != "null") attributes[key] = child.data();
  return attributes;
}

// The degrees east and north that TopoHub has as a node's position, unless they are on no map.
void add_position(const Tree& node, GraphAttributes& attributes) {
  const auto position = node.get_child_optional("pos");
  if (!position || position->size() != 2 || attributes.contains("Latitude")) return;
  const auto east = position->front().second.get_value_optional<double>();
  const auto north = position->back().second.get_value_optional<double>();
  if (!east || !north || !(std::abs(*east) <= 180) || !(std::abs(*north) <= 90)) return;
  attributes["Longitude"] = position->front().second.data();
  attributes["Latitude"] = position->back().second.data();
}

// An id may be a list, for a node that was a tuple.
std::string id_in(const Tree& tree) {
  std::string id = tree.data();
  for (const auto& [key, child] : tree) id += (id.empty() ? "" : ",") + child.data();
  return id;
}

}  // namespace

GraphFile parse_node_link(const std::string& path, const std::string& text) {
  const Tree document = parse_json(path, text);
  GraphBuilder builder(path);
  const auto list = [&](const char* key) { return document.get_child_optional(key); };
  const auto nodes = list("nodes");
  const auto edges = list("links") ? list("links") : list("edges");
  if (!nodes || !edges) builder.fail("there are no \"nodes\" and \"links\"; give node-link JSON");
  const auto end_in = [&](const Tree& tree, const char* key) {
    const auto end = tree.get_child_optional(key);
    if (!end) builder.fail("a node or link has no \"" + std::string(key) + "\"; give it one");
    return id_in(*end);
  };
  for (const auto& [key, node] : *nodes) {
    GraphAttributes attributes = attributes_of(node);
    add_position(node, attributes);
    builder.add_node(end_in(node, "id"), std::move(attributes));
  }
  const bool directed = document.get("directed", "false") == "true";
  for (const auto& [key, edge] : *edges)
    builder.add_edge(end_in(edge, "source"), end_in(edge, "target"), directed, attributes_of(edge));
  return std::move(builder).take();
}

}  // namespace peerbed::sim
