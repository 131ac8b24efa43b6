#pragma once
// A YAML document as a plain tree in which every value knows its position. Parsing is bounded in bytes, depth and
// number of values. Anchors, aliases, tags and repeated keys are refused, so that a small file cannot expand into a
// large one.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/text/error.h"

namespace peerbed::scenarios {

struct Entry;

struct Value {
  enum class Kind : std::uint8_t { nothing, scalar, sequence, map };

  Kind kind = Kind::nothing;
  std::uint16_t source = 0;     // index into Document::sources
  int line = 0;                 // from 1
  int column = 0;               // from 1
  std::string scalar;           // for Kind::scalar
  std::vector<Value> elements;  // for Kind::sequence
  std::vector<Entry> entries;   // for Kind::map, in the order of the file

  // The entry's value, or null.
  Value* find(std::string_view key);
  const Value* find(std::string_view key) const;
};

struct Entry {
  Value key;  // a scalar
  Value value;
};

struct Document {
  std::vector<std::string> sources;  // file names and overrides
  bool is_built_in = false;          // may name built-in files
  Value root;

  Position position_of(const Value& value) const { return {sources[value.source], value.line, value.column}; }
};

struct DocumentLimits {
  std::size_t bytes = std::size_t{4} << 20;
  std::size_t values = 1'000'000;
  std::size_t depth = 32;
};

// Reads one document. Throws ScenarioError for invalid text, and FileError for a file that is missing or cannot be
// read.
Document read_document(const std::string& file, const DocumentLimits& limits = {});
Document parse_document(std::string_view text, const std::string& source, const DocumentLimits& limits = {});

// Sets the value at a path of keys such as "groups.nodes.count" to `text` (a YAML value); numbers in a path index
// sequences. Missing keys are created, so that the loader can report on them.
void set_path(Document& document, std::string_view path, std::string_view text, const std::string& source);

// YAML text that parses to the same tree. Short values are written in flow style.
std::string write_document(const Value& root);

// Builders for trees that are written rather than read.
Value scalar_value(std::string text);
Value sequence_value(std::vector<Value> elements);
Value map_value(std::vector<std::pair<std::string, Value>> entries);
void set_entry(Value& map, std::string_view key, Value value);
void remove_entry(Value& map, std::string_view key);

}  // namespace peerbed::scenarios
