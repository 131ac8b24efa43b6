#include "sim/graphs/as_relations.h"

#include <map>
#include <set>
#include <utility>

#include "sim/core/text_file.h"
#include "sim/graphs/graph_builder.h"
#include "sim/graphs/text_lines.h"

namespace peerbed::sim {

namespace {

constexpr std::string_view separators = "| \t\r";

}  // namespace

bool is_as_relations(std::string_view text) noexcept {
  const std::string no_path;
  TextLines lines(no_path, text);
  if (!lines.next() || lines.line().find('|') == std::string_view::npos) return false;
  const auto parts = lines.parts(separators);
  return parts.size() >= 3 && to_count(parts[0]) && to_count(parts[1]) && to_number(parts[2]);
}

GraphFile parse_as_relations(const std::string& path, const std::string& text) {
  GraphBuilder builder(path);
  std::set<std::string> known;
  std::map<std::pair<std::string, std::string>, std::string> relations;
  TextLines lines(path, text);
  while (lines.next()) {
    const auto parts = lines.parts(separators);
    if (parts.size() < 3 || parts.size() > 4 || !to_count(parts[0]) || !to_count(parts[1]))
      lines.fail("write provider|customer|-1 or peer|peer|0");
    const std::string relation(parts[2]);
    if (relation != "-1" && relation != "0")
      lines.fail("the relation is \"" + relation + "\"; write -1 from a provider to its customer, or 0 between peers");
    const std::string one(parts[0]);
    const std::string other(parts[1]);
    // A relation of peers may be told from both sides; one of a provider has a direction.
    const auto is_told = [&](const std::string& from, const std::string& to) {
      const auto found = relations.find({from, to});
      return found != relations.end() && (found->second != relation || (relation != "0" && from != one));
    };
    if (is_told(one, other) || is_told(other, one))
      lines.fail("the relation between " + one + " and " + other + " differs from that in an earlier line; keep one");
    relations.emplace(std::pair(one, other), relation);
    for (const std::string& system : {one, other})
      if (known.insert(system).second) builder.add_node(system, {});
    builder.add_edge(one, other, false, {{"relation", relation}});
  }
  builder.set_relations();
  return std::move(builder).take();
}

}  // namespace peerbed::sim
