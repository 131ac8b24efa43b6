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

// "Nodes: ( 4 )": what follows, and how many lines of it. A file that was cut short has fewer.
struct Section {
  enum Kind { head, nodes, edges } kind = head;
  std::size_t announced = 0;
  std::size_t found = 0;

  Section() = default;
  Section(const TextLines& lines, Kind which) : kind(which) {
    for (const std::string_view word : lines.parts(" \t\r():"))
      if (const auto count = to_count(word)) announced = *count;
  }
  void expect_end(const TextLines& lines) const {
    if (found < announced)
      lines.fail(std::string("there are only ") + std::to_string(found) + " of " + std::to_string(announced) +
                 (kind == nodes ? " nodes" : " edges") + "; give the whole file");
  }
};

}  // namespace

bool is_brite(std::string_view text) noexcept { return text.starts_with(first_word); }

GraphFile parse_brite(const std::string& path, const std::string& text) {
  GraphBuilder builder(path);
  for (const char* name : {"length", "delay", "bandwidth", "type"}) builder.declare_edge_attribute(name);
  builder.set_usual_latency("delay");
  TextLines lines(path, text);
  Section section;
  while (lines.next()) {
    const std::string_view word = lines.words().front();
    if (word == "Nodes:" || word == "Edges:") {
      section.expect_end(lines);
      section = Section(lines, word == "Nodes:" ? Section::nodes : Section::edges);
    } else if (section.kind == Section::nodes) {
      add_node(lines, builder);
      ++section.found;
    } else if (section.kind == Section::edges) {
      add_edge(lines, builder);
      ++section.found;
    }
  }
  section.expect_end(lines);
  return std::move(builder).take();
}

}  // namespace peerbed::sim
