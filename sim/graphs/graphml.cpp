#include "sim/graphs/graphml.h"

#include <boost/property_tree/ptree.hpp>
#include <boost/property_tree/xml_parser.hpp>
#include <map>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/graphs/graph_builder.h"

namespace peerbed::sim {

namespace {

using Tree = boost::property_tree::ptree;

// The position after the tag that begins at `begin`; a '>' within quotes does not end it.
std::size_t end_of_tag(std::string_view text, std::size_t begin) noexcept {
  char quote = '\0';
  for (std::size_t i = begin; i < text.size(); ++i) {
    if (quote != '\0') {
      if (text[i] == quote) quote = '\0';
    } else if (text[i] == '"' || text[i] == '\'') {
      quote = text[i];
    } else if (text[i] == '>') {
      return i + 1;
    }
  }
  return text.size();
}

// The nesting depth of the elements. The XML parser recurses once per level, and stacks are small.
std::size_t nesting_depth(std::string_view text) noexcept {
  std::size_t depth = 0;
  std::size_t deepest = 0;
  const auto past = [text](std::string_view mark, std::size_t from) {
    const std::size_t found = text.find(mark, from);
    return found == std::string_view::npos ? text.size() : found + mark.size();
  };
  for (std::size_t i = text.find('<'); i < text.size(); i = text.find('<', i)) {
    const std::string_view rest = text.substr(i);
    if (rest.substr(0, 4) == "<!--") {
      i = past("-->", i + 4);
    } else if (rest.substr(0, 9) == "<![CDATA[") {
      i = past("]]>", i + 9);
    } else {
      const std::size_t end = end_of_tag(text, i);
      const bool closes = rest.substr(0, 2) == "</";
      const bool empty = end >= i + 2 && text[end - 2] == '/';
      const bool declares = rest.size() > 1 && (rest[1] == '?' || rest[1] == '!');
      if (closes)
        depth -= depth > 0 ? 1 : 0;
      else if (!empty && !declares)
        deepest = deepest < ++depth ? depth : deepest;
      i = end;
    }
  }
  return deepest;
}

Tree parse_xml(const std::string& path, const std::string& text) {
  if (nesting_depth(text) > GraphFile::maximum_depth)
    throw std::runtime_error(path + ": elements are nested more than 64 deep; this is not GraphML");
  Tree tree;
  std::istringstream stream(text);
  try {
    boost::property_tree::read_xml(stream, tree);
  } catch (const boost::property_tree::xml_parser_error& error) {
    throw std::runtime_error(path + ":" + std::to_string(error.line()) + ": this is not XML: " + error.message());
  }
  return tree;
}

// A tag without its namespace prefix: "g:node" is a node.
std::string_view local_name(std::string_view tag) noexcept { return tag.substr(tag.rfind(':') + 1); }

std::vector<const Tree*> children(const Tree& tree, std::string_view name) {
  std::vector<const Tree*> found;
  for (const auto& [tag, child] : tree)
    if (tag != "<xmlattr>" && local_name(tag) == name) found.push_back(&child);
  return found;
}

std::string trimmed(const std::string& text) {
  constexpr const char* blanks = " \t\r\n";
  const std::size_t begin = text.find_first_not_of(blanks);
  return begin == std::string::npos ? "" : text.substr(begin, text.find_last_not_of(blanks) + 1 - begin);
}

class GraphmlReader {
 public:
  GraphmlReader(const std::string& path, const std::string& text) : path_(path), text_(text), builder_(path) {}

  GraphFile read() && {
    const Tree document = parse_xml(path_, text_);
    const auto roots = children(document, "graphml");
    if (roots.empty()) builder_.fail("there is no <graphml> element; give a GraphML file");
    const auto graphs = children(*roots.front(), "graph");
    if (graphs.empty()) builder_.fail("there is no <graph> element; give a GraphML file with one graph");
    if (graphs.size() > 1) builder_.fail("there is more than one <graph>; give a file with one");
    for (const Tree* key : children(*roots.front(), "key")) read_key(*key);
    const Tree& graph = *graphs.front();
    if (!children(graph, "hyperedge").empty())
      builder_.fail("there is a <hyperedge>; put a node in its place, with an edge to each of its ends");
    // Edges may precede the nodes that they join.
    for (const Tree* node : children(graph, "node")) read_node(*node);
    const bool directed = graph.get("<xmlattr>.edgedefault", "undirected") == "directed";
    for (const Tree* edge : children(graph, "edge")) read_edge(*edge, directed);
    return std::move(builder_).take();
  }

 private:
  struct Key {
    std::string name;
    std::string element;  // node, edge, graph or all
    std::optional<std::string> fallback;
  };

  void read_key(const Tree& tree) {
    const std::string id = tree.get("<xmlattr>.id", "");
    // The separator cannot be the usual dot, since "attr.name" contains one.
    Key key{tree.get(Tree::path_type("<xmlattr>/attr.name", '/'), id), tree.get("<xmlattr>.for", "all"), std::nullopt};
    for (const Tree* fallback : children(tree, "default")) key.fallback = trimmed(fallback->data());
    if (key.element == "edge" || key.element == "all") builder_.declare_edge_attribute(key.name);
    keys_[id] = std::move(key);
  }

  GraphAttributes read_attributes(const Tree& tree, std::string_view element) const {
    GraphAttributes attributes;
    for (const Tree* data : children(tree, "data")) {
      const auto key = keys_.find(data->get("<xmlattr>.key", ""));
      if (key != keys_.end()) attributes[key->second.name] = trimmed(data->data());
    }
    for (const auto& [id, key] : keys_)
      if (key.fallback && (key.element == element || key.element == "all"))
        attributes.try_emplace(key.name, *key.fallback);
    return attributes;
  }

  void read_node(const Tree& tree) {
    const std::string id = tree.get("<xmlattr>.id", "");
    if (!children(tree, "graph").empty())
      builder_.fail("node \"" + id + "\" contains a nested graph; give a flat graph");
    builder_.add_node(id, read_attributes(tree, "node"));
  }

  void read_edge(const Tree& tree, bool directed_by_default) {
    const std::string directed = tree.get("<xmlattr>.directed", directed_by_default ? "true" : "false");
    builder_.add_edge(tree.get("<xmlattr>.source", ""), tree.get("<xmlattr>.target", ""), directed == "true",
                      read_attributes(tree, "edge"));
  }

  const std::string& path_;
  const std::string& text_;
  GraphBuilder builder_;
  std::map<std::string, Key> keys_;
};

}  // namespace

GraphFile parse_graphml(const std::string& path, const std::string& text) { return GraphmlReader(path, text).read(); }

}  // namespace peerbed::sim
