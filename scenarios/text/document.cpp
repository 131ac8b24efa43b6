#include "scenarios/text/document.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <optional>
#include <set>
#include <sstream>

#include "scenarios/text/units.h"

namespace peerbed::scenarios {
namespace {

std::string megabytes(std::size_t bytes) { return show_size(static_cast<double>(bytes)); }

constexpr const char* never_closed = "this quote is never closed; add the closing quote";

// Finds quotes that yaml-cpp reports badly: it silently closes an unclosed one at the end of the text, and an error
// from one that is closed too late is reported far away.
class Quotes {
 public:
  explicit Quotes(std::string_view text) : text_(text) {}

  // Whether the quote that opens at the mark is closed. Call in the order of the text.
  bool is_closed(const YAML::Mark& mark) {
    for (; character_ < mark.pos && byte_ < text_.size(); ++character_) byte_ += length_at(byte_);
    if (byte_ >= text_.size() || !is_quote(text_[byte_])) return true;
    behind_ = end_of_quote(byte_);
    if (!first_long_ && text_.substr(byte_, behind_ - byte_).find('\n') != std::string_view::npos) first_long_ = mark;
    return behind_ <= text_.size();
  }
  // The line and column, from 1, of an unclosed quote after those that were asked about.
  std::optional<std::pair<int, int>> unclosed() const {
    for (std::size_t i = behind_; i < text_.size(); ++i) {
      const bool begins_word = i == 0 || std::string_view(" \n[{,").find(text_[i - 1]) != std::string_view::npos;
      if (begins_word && text_[i] == '#') i = std::min(text_.find('\n', i), text_.size());
      if (i >= text_.size() || !begins_word || !is_quote(text_[i])) continue;
      const std::size_t end = end_of_quote(i);
      if (end > text_.size()) return position_of(i);
      i = end - 1;
    }
    return std::nullopt;
  }
  // The first quote that is not closed on its line.
  const std::optional<YAML::Mark>& first_long() const noexcept { return first_long_; }

 private:
  static bool is_quote(char c) noexcept { return c == '"' || c == '\''; }
  // The position after the closing quote; past the end of the text if there is none.
  std::size_t end_of_quote(std::size_t begin) const noexcept {
    const char quote = text_[begin];
    for (std::size_t i = begin + 1; i < text_.size(); ++i) {
      if (quote == '"' && text_[i] == '\\')
        ++i;
      else if (quote == '\'' && text_.substr(i).starts_with("''"))
        ++i;
      else if (text_[i] == quote)
        return i + 1;
    }
    return text_.size() + 1;
  }
  std::pair<int, int> position_of(std::size_t byte) const {
    const std::string_view before = text_.substr(0, byte);
    const std::size_t line = before.rfind('\n') + 1;  // 0 on the first line
    int column = 1;
    for (std::size_t i = line; i < byte; i += length_at(i)) ++column;
    return {1 + static_cast<int>(std::count(before.begin(), before.end(), '\n')), column};
  }
  std::size_t length_at(std::size_t byte) const noexcept {
    std::size_t length = 1;
    while (byte + length < text_.size() && (static_cast<unsigned char>(text_[byte + length]) & 0xC0) == 0x80) ++length;
    return length;
  }

  std::string_view text_;
  int character_ = 0;
  std::size_t byte_ = 0;
  std::size_t behind_ = 0;  // end of the last one that was asked about
  std::optional<YAML::Mark> first_long_;
};

// Builds the tree from yaml-cpp's events. Nothing is ever expanded: an alias ends the parse.
class TreeBuilder final : public YAML::EventHandler {
 public:
  TreeBuilder(Document& document, const DocumentLimits& limits, Quotes& quotes)
      : document_(document), limits_(limits), quotes_(quotes) {}

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override { add(mark, Value::Kind::nothing, "", anchor); }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override { refuse_alias(mark); }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& text) override {
    if (tag == "!" && !quotes_.is_closed(mark)) fail(mark, never_closed);
    add(mark, Value::Kind::scalar, text, anchor);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(mark, Value::Kind::sequence, anchor);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(mark, Value::Kind::map, anchor);
  }
  void OnMapEnd() override { close(); }

 private:
  // A container that is still being filled; `key` waits for its value.
  struct Open {
    Value value;
    Value key;
    bool has_key = false;
    std::set<std::string, std::less<>> keys;  // of large maps

    bool has(const std::string& word) {
      constexpr std::size_t few = 16;
      if (value.entries.size() <= few) return value.find(word) != nullptr;
      if (keys.empty())
        for (const Entry& entry : value.entries) keys.insert(entry.key.scalar);
      return !keys.insert(word).second;
    }
  };

  [[noreturn]] void fail(const YAML::Mark& mark, const std::string& sentence) const {
    throw ScenarioError({document_.sources[0], mark.line + 1, mark.column + 1}, sentence);
  }
  [[noreturn]] void refuse_alias(const YAML::Mark& mark) const {
    fail(mark, "anchors (&name) and aliases (*name) are not allowed in a scenario; write the value out");
  }

  Value make(const YAML::Mark& mark, Value::Kind kind, YAML::anchor_t anchor) {
    if (anchor != 0) refuse_alias(mark);
    if (++count_ > limits_.values)
      fail(mark, "the scenario has more than " + show_count(limits_.values) + " values; make it smaller");
    Value value;
    value.kind = kind;
    value.line = mark.line + 1;
    value.column = mark.column + 1;
    return value;
  }

  void add(const YAML::Mark& mark, Value::Kind kind, const std::string& text, YAML::anchor_t anchor) {
    Value value = make(mark, kind, anchor);
    value.scalar = text;
    put(std::move(value));
  }
  void open(const YAML::Mark& mark, Value::Kind kind, YAML::anchor_t anchor) {
    if (open_.size() >= limits_.depth)
      fail(mark, "values are nested more than " + std::to_string(limits_.depth) + " deep; use fewer levels");
    open_.push_back({make(mark, kind, anchor), {}, false, {}});
  }
  void close() {
    Value value = std::move(open_.back().value);
    open_.pop_back();
    put(std::move(value));
  }

  void put(Value&& value) {
    if (open_.empty()) {
      document_.root = std::move(value);
      return;
    }
    Open& parent = open_.back();
    if (parent.value.kind == Value::Kind::sequence) {
      parent.value.elements.push_back(std::move(value));
    } else if (!parent.has_key) {
      take_key(parent, std::move(value));
    } else {
      parent.value.entries.push_back({std::move(parent.key), std::move(value)});
      parent.has_key = false;
    }
  }
  void take_key(Open& parent, Value&& key) const {
    if (key.kind != Value::Kind::scalar)
      throw ScenarioError(document_.position_of(key), "a key must be a plain word, not a list or a map");
    if (parent.has(key.scalar))
      throw ScenarioError(document_.position_of(key),
                          "the key '" + key.scalar + "' is given twice; remove one of them");
    parent.key = std::move(key);
    parent.has_key = true;
  }

  Document& document_;
  const DocumentLimits& limits_;
  Quotes& quotes_;
  std::vector<Open> open_;
  std::size_t count_ = 0;
};

// Finds binary data and broken UTF-8 before the parser sees them.
void check_text(std::string_view text, const std::string& source) {
  int line = 1;
  int column = 0;
  const auto fail = [&](const char* sentence) { throw ScenarioError({source, line, column}, sentence); };
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    ++column;
    if (lead == '\n') {
      ++line;
      column = 0;
    } else if (lead < 0x20 && lead != '\t' && lead != '\r') {
      fail("not a text file; a scenario is YAML in UTF-8");
    }
    const std::size_t length = lead < 0x80                   ? 1
                               : lead >= 0xC2 && lead < 0xE0 ? 2
                               : lead < 0xF0                 ? 3
                               : lead < 0xF5                 ? 4
                                                             : 0;
    if (length == 0 || (lead >= 0x80 && lead < 0xC2) || i + length > text.size()) fail("this is not UTF-8 text");
    for (std::size_t k = 1; k < length; ++k)
      if ((static_cast<unsigned char>(text[i + k]) & 0xC0) != 0x80) fail("this is not UTF-8 text");
    i += length;
  }
}

// yaml-cpp's messages are phrases; this prepares one for use within a sentence.
std::string lowered_message(std::string message) {
  if (!message.empty()) message[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(message[0])));
  return message;
}

// The first line up to `last`, counted from 0, that is indented by a tab, and the tab's column.
std::optional<std::pair<int, int>> tab_before(std::string_view text, int last) {
  for (int line = 0; line <= last && !text.empty(); ++line) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::size_t tab = text.substr(0, end).find_first_not_of(' ');
    if (tab < end && text[tab] == '\t') return std::pair(line, static_cast<int>(tab));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return std::nullopt;
}

[[noreturn]] void refuse_yaml(std::string_view text, const std::string& source, const Quotes& quotes,
                              const YAML::Exception& exception) {
  const YAML::Mark& mark = exception.mark;
  if (const auto tab = tab_before(text, mark.line))
    throw ScenarioError({source, tab->first + 1, tab->second + 1},
                        "this line is indented with a tab, which YAML does not allow; indent with spaces");
  if (const auto open = quotes.unclosed()) throw ScenarioError({source, open->first, open->second}, never_closed);
  if (const auto& quote = quotes.first_long(); quote && quote->line < mark.line)
    throw ScenarioError({source, quote->line + 1, quote->column + 1},
                        "this quote is not closed on its line; add the closing quote");
  throw ScenarioError({source, mark.line + 1, mark.column + 1}, "invalid YAML: " + lowered_message(exception.msg));
}

bool is_index(std::string_view part) {
  return !part.empty() && std::all_of(part.begin(), part.end(), [](char c) { return c >= '0' && c <= '9'; });
}

void mark_source(Value& value, std::uint16_t source) {
  value.source = source;
  value.line = 0;
  value.column = 0;
  for (Value& element : value.elements) mark_source(element, source);
  for (Entry& entry : value.entries) {
    mark_source(entry.key, source);
    mark_source(entry.value, source);
  }
}

Value& step_into(Document& document, Value& value, std::string_view part, std::uint16_t source) {
  if (value.kind == Value::Kind::sequence && is_index(part)) {
    const auto index = parse_count(part);
    if (!index || *index >= value.elements.size())
      throw ScenarioError({document.sources[source]}, "no element " + std::string(part) + " in this list of " +
                                                          std::to_string(value.elements.size()));
    return value.elements[*index];
  }
  if (value.kind != Value::Kind::map) {
    value = Value{};
    value.kind = Value::Kind::map;
    value.source = source;
  }
  if (Value* found = value.find(part)) return *found;
  Entry entry;
  entry.key = scalar_value(std::string(part));
  entry.key.source = source;
  entry.value.source = source;
  value.entries.push_back(std::move(entry));
  return value.entries.back().value;
}

}  // namespace

const Value* Value::find(std::string_view key) const {
  for (const Entry& entry : entries)
    if (entry.key.scalar == key) return &entry.value;
  return nullptr;
}

Value* Value::find(std::string_view key) { return const_cast<Value*>(std::as_const(*this).find(key)); }

Document read_document(const std::string& file, const DocumentLimits& limits) {
  namespace fs = std::filesystem;
  std::error_code error;
  const fs::file_status status = fs::status(file, error);
  const auto fail = [&file](const std::string& sentence) -> void { throw ScenarioError({file}, sentence); };
  if (!fs::exists(status)) fail("no such file; give the path of a scenario or a name from `peerbed list`");
  if (fs::is_directory(status)) fail("this is a folder; give the path of a scenario file in it");
  if (!fs::is_regular_file(status)) fail("this is not a regular file; give the path of a scenario file");
  const auto size = fs::file_size(file, error);
  if (error) fail("the file cannot be read; check its permissions");
  if (size > limits.bytes)
    fail("the file has " + megabytes(size) + ", but a scenario can have at most " + megabytes(limits.bytes));
  std::ifstream stream(file, std::ios::binary);
  std::string text(size, '\0');
  stream.read(text.data(), static_cast<std::streamsize>(size));
  if (!stream) fail("the file cannot be read; check its permissions");
  return parse_document(text, file, limits);
}

Document parse_document(std::string_view text, const std::string& source, const DocumentLimits& limits) {
  if (text.size() > limits.bytes)
    throw ScenarioError({source}, "the scenario has " + megabytes(text.size()) + ", but at most " +
                                      megabytes(limits.bytes) + " are allowed");
  check_text(text, source);
  Document document;
  document.sources.push_back(source);
  Quotes quotes(text);
  try {
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    TreeBuilder builder(document, limits, quotes);
    if (!parser.HandleNextDocument(builder) || document.root.kind == Value::Kind::nothing)
      throw ScenarioError({source, 1, 1}, "the scenario is empty; it needs at least a duration and a group of nodes");
    Document rest;
    rest.sources = document.sources;
    TreeBuilder rest_builder(rest, limits, quotes);
    if (parser.HandleNextDocument(rest_builder))
      throw ScenarioError(document.position_of(rest.root),
                          "a second YAML document begins here; a scenario is one document");
  } catch (const YAML::Exception& exception) {
    refuse_yaml(text, source, quotes, exception);
  }
  return document;
}

void set_path(Document& document, std::string_view path, std::string_view text, const std::string& source) {
  Document parsed = parse_document(text.empty() ? std::string_view("''") : text, source);
  const auto index = static_cast<std::uint16_t>(document.sources.size());
  document.sources.push_back(source);
  mark_source(parsed.root, index);
  Value* target = &document.root;
  while (!path.empty()) {
    const std::size_t dot = std::min(path.find('.'), path.size());
    target = &step_into(document, *target, path.substr(0, dot), index);
    path.remove_prefix(std::min(dot + 1, path.size()));
  }
  *target = std::move(parsed.root);
}

Value scalar_value(std::string text) {
  Value value;
  value.kind = Value::Kind::scalar;
  value.scalar = std::move(text);
  return value;
}

Value sequence_value(std::vector<Value> elements) {
  Value value;
  value.kind = Value::Kind::sequence;
  value.elements = std::move(elements);
  return value;
}

Value map_value(std::vector<std::pair<std::string, Value>> entries) {
  Value value;
  value.kind = Value::Kind::map;
  for (auto& [key, child] : entries) value.entries.push_back({scalar_value(key), std::move(child)});
  return value;
}

void set_entry(Value& map, std::string_view key, Value value) {
  if (Value* found = map.find(key))
    *found = std::move(value);
  else
    map.entries.push_back({scalar_value(std::string(key)), std::move(value)});
}

void remove_entry(Value& map, std::string_view key) {
  std::erase_if(map.entries, [key](const Entry& entry) { return entry.key.scalar == key; });
}

}  // namespace peerbed::scenarios
