#include "sim/network/graphml.h"

#include <boost/property_tree/ptree.hpp>
#include <boost/property_tree/xml_parser.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <string_view>
#include <system_error>

namespace peerbed::sim {

namespace {

using Tree = boost::property_tree::ptree;

std::string read_file(const std::string& path) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error))
    throw std::runtime_error(path + ": no such file; check the path and the working directory");
  if (std::filesystem::file_size(path, error) > Graphml::maximum_bytes || error)
    throw std::runtime_error(path + ": the file is larger than 16 MiB; give a smaller topology");
  std::ifstream stream(path, std::ios::binary);
  if (!stream) throw std::runtime_error(path + ": the file cannot be read; check its permissions");
  return {std::istreambuf_iterator<char>(stream), {}};
}

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

Tree parse_xml(const std::string& path) {
  const std::string text = read_file(path);
  if (nesting_depth(text) > Graphml::maximum_depth)
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

class GraphmlReader {
 public:
  explicit GraphmlReader(const std::string& path) : path_(path) {}

  Graphml read() && {
    const Tree document = parse_xml(path_);
    const auto root = document.get_child_optional("graphml");
    if (!root) fail("there is no <graphml> element; give a GraphML file");
    const auto graph = root->get_child_optional("graph");
    if (!graph) fail("there is no <graph> element; give a GraphML file with one graph");
    if (root->count("graph") > 1) fail("there is more than one <graph>; give a file with one");
    for (const auto& [tag, child] : *root)
      if (tag == "key") read_key(child);
    // Edges may precede the nodes that they join.
    for (const auto& [tag, child] : *graph) {
      if (tag == "node") read_node(child);
      if (tag == "hyperedge") fail("there is a <hyperedge>; put a node in its place, with an edge to each of its ends");
    }
    const bool directed = graph->get("<xmlattr>.edgedefault", "undirected") == "directed";
    for (const auto& [tag, child] : *graph)
      if (tag == "edge") read_edge(child, directed);
    if (graphml_.nodes.empty()) fail("the graph has no nodes; a topology needs at least one");
    return std::move(graphml_);
  }

 private:
  struct Key {
    std::string name;
    std::string element;  // node, edge, graph or all
    std::optional<std::string> fallback;
  };

  [[noreturn]] void fail(const std::string& problem) const { throw std::runtime_error(path_ + ": " + problem); }

  void read_key(const Tree& tree) {
    const std::string id = tree.get("<xmlattr>.id", "");
    // The separator cannot be the usual dot, since "attr.name" contains one.
    Key key{tree.get(Tree::path_type("<xmlattr>/attr.name", '/'), id), tree.get("<xmlattr>.for", "all"), std::nullopt};
    if (const auto fallback = tree.get_optional<std::string>("default")) key.fallback = *fallback;
    if (key.element == "edge" || key.element == "all") graphml_.edge_attributes.insert(key.name);
    keys_[id] = std::move(key);
  }

  GraphmlAttributes read_attributes(const Tree& tree, std::string_view element) const {
    GraphmlAttributes attributes;
    for (const auto& [tag, child] : tree) {
      if (tag != "data") continue;
      const auto key = keys_.find(child.get("<xmlattr>.key", ""));
      if (key != keys_.end()) attributes[key->second.name] = child.data();
    }
    for (const auto& [id, key] : keys_)
      if (key.fallback && (key.element == element || key.element == "all"))
        attributes.try_emplace(key.name, *key.fallback);
    return attributes;
  }

  void read_node(const Tree& tree) {
    const std::string id = tree.get("<xmlattr>.id", "");
    if (tree.count("graph") > 0) fail("node \"" + id + "\" contains a nested graph; give a flat graph");
    if (graphml_.nodes.size() == Graphml::maximum_nodes)
      fail("there are more than 8192 nodes; give a smaller topology");
    if (!index_of_.emplace(id, graphml_.nodes.size()).second)
      fail("node \"" + id + "\" is given twice; give each node its own id");
    graphml_.nodes.push_back({id, read_attributes(tree, "node")});
  }

  std::size_t end_of_edge(const Tree& tree, const char* end) const {
    const std::string id = tree.get(std::string("<xmlattr>.") + end, "");
    const auto found = index_of_.find(id);
    if (found == index_of_.end()) fail("an edge's " + std::string(end) + " \"" + id + "\" is not a node; add the node");
    return found->second;
  }

  void read_edge(const Tree& tree, bool directed_by_default) {
    const std::string directed = tree.get("<xmlattr>.directed", directed_by_default ? "true" : "false");
    graphml_.edges.push_back(
        {end_of_edge(tree, "source"), end_of_edge(tree, "target"), directed == "true", read_attributes(tree, "edge")});
  }

  const std::string& path_;
  Graphml graphml_;
  std::map<std::string, Key> keys_;
  std::map<std::string, std::size_t> index_of_;
};

}  // namespace

Graphml read_graphml(const std::string& path) { return GraphmlReader(path).read(); }

}  // namespace peerbed::sim
