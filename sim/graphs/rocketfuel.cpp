#include "sim/graphs/rocketfuel.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "sim/core/text_file.h"
#include "sim/graphs/graph_builder.h"
#include "sim/graphs/text_lines.h"

namespace peerbed::sim {

namespace {

const std::string no_path;

bool is_external(std::string_view uid) noexcept { return uid.starts_with("-"); }

// "<12>" without its brackets; empty for anything else.
std::string_view inner(std::string_view word, char opening, char closing) noexcept {
  const bool is_enclosed = word.size() > 2 && word.front() == opening && word.back() == closing;
  return is_enclosed ? word.substr(1, word.size() - 2) : std::string_view();
}

}  // namespace

bool is_rocketfuel_map(std::string_view text) noexcept {
  TextLines lines(no_path, text);
  if (!lines.next()) return false;
  const auto words = lines.words();
  return words.size() >= 2 && to_number(words[0]) && (words[1].front() == '@' || words[1].front() == '=');
}

bool is_rocketfuel_weights(std::string_view text) noexcept {
  TextLines lines(no_path, text);
  for (int i = 0; i < 2; ++i) {
    if (!lines.next()) return i > 0;
    const auto words = lines.words();
    if (words.size() != 3 || !to_number(words[2]) || to_number(words[0])) return false;
  }
  return true;
}

GraphFile parse_rocketfuel_map(const std::string& path, const std::string& text) {
  GraphBuilder builder(path);
  std::vector<std::pair<std::string, std::string>> links;
  TextLines lines(path, text);
  while (lines.next()) {
    const auto words = lines.words();
    if (!to_number(words[0])) lines.fail("the line does not begin with the number of a router");
    if (is_external(words[0])) continue;
    GraphAttributes attributes;
    for (std::size_t i = 1; i < words.size(); ++i) {
      const std::string_view word = words[i];
      if (word.front() == '@') attributes.emplace("location", word.substr(1));
      if (word == "bb") attributes.emplace("backbone", "1");
      if (word.front() == '=' && word.size() > 1) attributes.emplace("label", word.substr(1, word.find('!') - 1));
      if (const auto uid = inner(word, '<', '>'); !uid.empty()) links.emplace_back(words[0], uid);
    }
    builder.add_node(std::string(words[0]), std::move(attributes));
  }
  // A link is in the lines of both its ends.
  std::set<std::pair<std::string, std::string>> seen;
  for (const auto& [one, other] : links)
    if (seen.insert(std::minmax(one, other)).second) builder.add_edge(one, other, false, {});
  return std::move(builder).take();
}

GraphFile parse_rocketfuel_weights(const std::string& path, const std::string& text) {
  GraphBuilder builder(path);
  std::set<std::string> known;
  std::vector<std::pair<std::pair<std::string, std::string>, std::string>> links;  // in the file's order
  std::set<std::pair<std::string, std::string>> directions;
  TextLines lines(path, text);
  while (lines.next()) {
    const auto words = lines.words();
    if (words.size() != 3 || !to_number(words[2])) lines.fail("write two locations and a weight");
    const std::pair ends{std::string(words[0]), std::string(words[1])};
    for (const std::string& end : {ends.first, ends.second})
      if (known.insert(end).second) builder.add_node(end, {});
    if (!directions.insert(ends).second) lines.fail("the link is given twice; give each direction once");
    links.emplace_back(ends, words[2]);
  }
  for (const auto& [ends, weight] : links) {
    const bool has_way_back = directions.contains({ends.second, ends.first});
    builder.add_edge(ends.first, ends.second, has_way_back, {{"weight", weight}});
  }
  return std::move(builder).take();
}

}  // namespace peerbed::sim
