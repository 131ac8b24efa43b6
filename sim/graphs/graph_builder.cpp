#include "sim/graphs/graph_builder.h"

#include <stdexcept>
#include <utility>

namespace peerbed::sim {

void GraphBuilder::fail(const std::string& problem) const { throw std::runtime_error(path_ + ": " + problem); }

void GraphBuilder::add_node(std::string id, GraphAttributes attributes) {
  if (graph_.nodes.size() == GraphFile::maximum_nodes) fail("there are more than 8192 nodes; give a smaller topology");
  if (!indices_.emplace(id, graph_.nodes.size()).second)
    fail("node \"" + id + "\" is given twice; give each node its own id");
  graph_.nodes.push_back({std::move(id), std::move(attributes)});
}

std::size_t GraphBuilder::index_of(const std::string& id, const char* end) const {
  const auto found = indices_.find(id);
  if (found == indices_.end()) fail("an edge's " + std::string(end) + " \"" + id + "\" is not a node; add the node");
  return found->second;
}

void GraphBuilder::add_edge(const std::string& source, const std::string& target, bool directed,
                            GraphAttributes attributes) {
  for (const auto& [name, value] : attributes) graph_.edge_attributes.insert(name);
  graph_.edges.push_back({index_of(source, "source"), index_of(target, "target"), directed, std::move(attributes)});
}

GraphFile GraphBuilder::take() && {
  if (graph_.nodes.empty()) fail("the graph has no nodes; a topology needs at least one");
  return std::move(graph_);
}

}  // namespace peerbed::sim
