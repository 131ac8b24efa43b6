#pragma once
// Puts a graph together from nodes and edges that are named by ids, and refuses what contradicts itself. For readers of
// graph files.

#include <cstddef>
#include <map>
#include <string>
#include <utility>

#include "sim/graphs/graph_file.h"

namespace peerbed::sim {

class GraphBuilder {
 public:
  explicit GraphBuilder(const std::string& path) : path_(path) {}

  // Throws std::runtime_error: "path: problem".
  [[noreturn]] void fail(const std::string& problem) const;

  void set_usual_latency(std::string attribute) { graph_.usual_latency = std::move(attribute); }
  void set_relations() { graph_.has_relations = true; }
  void declare_edge_attribute(std::string name) { graph_.edge_attributes.insert(std::move(name)); }
  void add_node(std::string id, GraphAttributes attributes);
  // Its ends have been added.
  void add_edge(const std::string& source, const std::string& target, bool directed, GraphAttributes attributes);

  // The graph, which has at least one node. The builder is used up.
  GraphFile take() &&;

 private:
  std::size_t index_of(const std::string& id, const char* end) const;

  std::string path_;
  GraphFile graph_;
  std::map<std::string, std::size_t> indices_;
};

}  // namespace peerbed::sim
