#include "sim/graphs/gml.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <optional>
#include <stdexcept>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/graphs/graph_builder.h"
#include "sim/graphs/utf8.h"

namespace peerbed::sim {

namespace {

bool is_blank(char c) noexcept { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

// What "&name;", "&#N;" or "&#xN;" stands for; nothing for a name of another kind.
std::optional<std::uint32_t> code_of_entity(std::string_view name) noexcept {
  for (const auto& [known, byte] : {std::pair{"quot", '"'}, {"amp", '&'}, {"apos", '\''}, {"lt", '<'}, {"gt", '>'}})
    if (name == known) return static_cast<std::uint32_t>(byte);
  if (!name.starts_with('#')) return std::nullopt;
  name.remove_prefix(1);
  const bool is_hexadecimal = name.starts_with('x');
  if (is_hexadecimal) name.remove_prefix(1);
  std::uint32_t code = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), code, is_hexadecimal ? 16 : 10);
  const bool is_whole = error == std::errc{} && end == name.data() + name.size();
  return is_whole && code > 0 && code <= 0x10FFFF ? std::optional(code) : std::nullopt;
}

// Strings are in ASCII, with entities for quotes, ampersands and other characters (Himsolt 1997).
std::string without_entities(std::string_view text) {
  constexpr std::size_t longest = 10;
  std::string plain;
  while (!text.empty()) {
    const std::size_t end = text.front() == '&' ? text.substr(0, longest).find(';') : std::string_view::npos;
    const auto code = end == std::string_view::npos ? std::nullopt : code_of_entity(text.substr(1, end - 1));
    if (code) {
      append_utf8(plain, *code);
      text.remove_prefix(end + 1);
    } else {
      plain.push_back(text.front());
      text.remove_prefix(1);
    }
  }
  return plain;
}

// The pairs of a list, in order: a key with a value, or with a list of its own.
struct GmlList {
  struct Pair {
    std::string key;
    std::string value;           // of a number or a string
    std::vector<GmlList> lists;  // one, if the value is a list
  };
  std::vector<Pair> pairs;

  const Pair* find(std::string_view key) const {
    const auto found = std::find_if(pairs.begin(), pairs.end(), [key](const Pair& pair) { return pair.key == key; });
    return found == pairs.end() ? nullptr : &*found;
  }
};

class GmlParser {
 public:
  GmlParser(const std::string& path, std::string_view text) : path_(path), rest_(text) {}

  GmlList parse() && {
    GmlList list = parse_list(0);
    if (!rest_.empty()) fail("there is a ']' without its '['");
    return list;
  }

 private:
  [[noreturn]] void fail(const std::string& problem) const {
    throw std::runtime_error(path_ + ":" + std::to_string(line_) + ": " + problem + "; this is not GML");
  }

  void advance(std::size_t count) {
    line_ +=
        static_cast<std::size_t>(std::count(rest_.begin(), rest_.begin() + static_cast<std::ptrdiff_t>(count), '\n'));
    rest_.remove_prefix(count);
  }

  void skip_blanks() {
    while (!rest_.empty() && (is_blank(rest_.front()) || rest_.front() == '#'))
      advance(rest_.front() == '#' ? std::min(rest_.find('\n'), rest_.size()) : 1);
  }

  // Up to the list's ']', or the end of the file for the outermost list.
  GmlList parse_list(std::size_t depth) {
    if (depth > GraphFile::maximum_depth) fail("lists are nested more than 64 deep");
    GmlList list;
    for (skip_blanks(); !rest_.empty() && rest_.front() != ']'; skip_blanks()) {
      GmlList::Pair pair;
      pair.key = parse_word();
      if (!std::isalpha(static_cast<unsigned char>(pair.key.front())))
        fail("\"" + pair.key + "\" stands where a key is expected");
      skip_blanks();
      if (rest_.empty()) fail("the key \"" + pair.key + "\" has no value");
      if (rest_.front() == '[') {
        advance(1);
        pair.lists.push_back(parse_list(depth + 1));
        if (rest_.empty()) fail("the file ends within the list \"" + pair.key + "\"");
        advance(1);
      } else {
        pair.value = rest_.front() == '"' ? parse_string() : parse_word();
      }
      list.pairs.push_back(std::move(pair));
    }
    return list;
  }

  std::string parse_word() {
    std::size_t length = 0;
    while (length < rest_.size() && !is_blank(rest_[length]) && rest_[length] != '[' && rest_[length] != ']') ++length;
    if (length == 0) fail("a '" + std::string(1, rest_.front()) + "' stands where a word is expected");
    std::string word(rest_.substr(0, length));
    advance(length);
    return word;
  }

  std::string parse_string() {
    const std::size_t close = rest_.find('"', 1);
    if (close == std::string_view::npos) fail("a string has no closing quote");
    std::string text = without_entities(rest_.substr(1, close - 1));
    advance(close + 1);
    return text;
  }

  const std::string& path_;
  std::string_view rest_;
  std::size_t line_ = 1;
};

GraphAttributes attributes_of(const GmlList& list) {
  GraphAttributes attributes;
  for (const GmlList::Pair& pair : list.pairs)
    if (pair.lists.empty()) attributes[pair.key] = pair.value;
  return attributes;
}

}  // namespace

GraphFile parse_gml(const std::string& path, const std::string& text) {
  const GmlList document = GmlParser(path, text).parse();
  GraphBuilder builder(path);
  const GmlList::Pair* graph = document.find("graph");
  if (graph == nullptr || graph->lists.empty())
    builder.fail("there is no graph [...]; give a GraphML or GML file, or node-link JSON");
  const GmlList& parts = graph->lists.front();
  const auto value_of = [&](const GmlList& list, const char* key, const char* of) {
    const GmlList::Pair* pair = list.find(key);
    if (pair == nullptr || !pair->lists.empty()) builder.fail("a" + std::string(of) + " has no " + key + "; give one");
    return pair->value;
  };
  for (const GmlList::Pair& part : parts.pairs)
    if (part.key == "node" && !part.lists.empty())
      builder.add_node(value_of(part.lists.front(), "id", " node"), attributes_of(part.lists.front()));
  const GmlList::Pair* directed = parts.find("directed");
  for (const GmlList::Pair& part : parts.pairs)
    if (part.key == "edge" && !part.lists.empty()) {
      const GmlList& edge = part.lists.front();
      builder.add_edge(value_of(edge, "source", "n edge"), value_of(edge, "target", "n edge"),
                       directed != nullptr && directed->value == "1", attributes_of(edge));
    }
  return std::move(builder).take();
}

}  // namespace peerbed::sim
