#include "sim/graphs/brite.h"

#include "sim/core/text_file.h"
#include "sim/graphs/graph_builder.h"
#include "sim/graphs/text_lines.h"

namespace peerbed::sim {

namespace {

constexpr std::string_view first_word = "Topology:";

// "NodeId x y indegree outdegree ASid type".
void add_node(const TextLines& lines, GraphBuilder& builder) {
  const auto words = lines.words();
  if (words.size() < 3) lines.fail("this is not a node; BRITE writes: id x y indegree outdegree AS type");
  GraphAttributes attributes{{"x", std::string(words[1])}, {"y", std::string(words[2])}};
  if (words.size() > 5) attributes.emplace("as", words[5]);
  if (words.size() > 6) attributes.emplace("type", words[6]);
  builder.add_node(std::string(words[0]), std::move(attributes));
}

// "EdgeId from to length delay bandwidth ASfrom ASto type [U|D]", in ms and Mbit/s.
void add_edge(const TextLines& lines, GraphBuilder& builder) {
  const auto words = lines.words();
  if (words.size() < 6 || !to_number(words[4]) || !to_number(words[5]))
    lines.fail("this is not an edge; BRITE writes: id from to length delay bandwidth AS AS type direction");
  GraphAttributes attributes{{"length", std::string(words[3])}, {"delay", std::string(words[4]) + " ms"}};
  if (*to_number(words[5]) > 0) attributes.emplace("bandwidth", std::string(words[5]) + " Mbit");
  if (words.size() > 8) attributes.emplace("type", words[8]);
  const bool is_directed = words.size() > 9 && words[9] == "D";
  builder.add_edge(std::string(words[1]), std::string(words[2]), is_directed, std::move(attributes));
}

}  // namespace

bool is_brite(std::string_view text) noexcept { return text.starts_with(first_word); }

GraphFile parse_brite(const std::string& path, const std::string& text) {
  GraphBuilder builder(path);
  for (const char* name : {"length", "delay", "bandwidth", "type"}) builder.declare_edge_attribute(name);
  builder.set_usual_latency("delay");
  TextLines lines(path, text);
  enum class Section { head, nodes, edges } section = Section::head;
  while (lines.next()) {
    const std::string_view word = lines.words().front();
    if (word == "Nodes:")
      section = Section::nodes;
    else if (word == "Edges:")
      section = Section::edges;
    else if (section == Section::nodes)
      add_node(lines, builder);
    else if (section == Section::edges)
      add_edge(lines, builder);
  }
  return std::move(builder).take();
}

}  // namespace peerbed::sim
