#pragma once
// Typed reading of a Document. A Field is a value with its path of keys; a MapReader makes sure that every key of a map
// is known. Every error is one ScenarioError: position, path, what was expected, what was found.

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocols/environment/time.h"
#include "scenarios/text/document.h"
#include "sim/core/types.h"

namespace peerbed::scenarios {

// For everything that nodes or checks repeat.
constexpr Duration shortest_period = std::chrono::milliseconds(1);

class MapReader;

class Field {
 public:
  Field(const Document& document, const Value& value, std::string path)
      : document_(&document), value_(&value), path_(std::move(path)) {}

  const std::string& path() const noexcept { return path_; }
  const Value& value() const noexcept { return *value_; }
  const Document& document() const noexcept { return *document_; }
  Position position() const { return document_->position_of(*value_); }

  bool is_scalar() const noexcept { return value_->kind == Value::Kind::scalar; }
  bool is_sequence() const noexcept { return value_->kind == Value::Kind::sequence; }
  bool is_map() const noexcept { return value_->kind == Value::Kind::map; }

  [[noreturn]] void fail(const std::string& sentence) const;
  // "expected EXPECTED, but found FOUND".
  [[noreturn]] void fail_expected(std::string_view expected) const;

  std::string text() const;
  std::uint64_t count(std::uint64_t lowest, std::uint64_t highest) const;
  double number(double lowest, double highest) const;
  Duration duration() const;
  Duration positive_duration() const;
  // A duration of at least `lowest`: what happens every nanosecond would never let a run advance.
  Duration duration_from(Duration lowest) const;
  // At least shortest_period.
  Duration period() const;
  Duration signed_duration() const;
  double probability() const;
  sim::Rate rate() const;
  std::uint64_t size() const;
  std::int64_t drift() const;
  Duration frequency() const;
  bool boolean() const;
  // The index of the word among `words`.
  std::size_t choice(const std::vector<std::string_view>& words) const;

  // The value of this key, or this map itself if the key is absent: where to report an error.
  Field within(std::string_view key) const;
  // A value of this map, under this key.
  Field child(std::string_view key, const Value& value) const;
  // The elements of a sequence; a single value counts as a sequence of one.
  std::vector<Field> elements() const;
  // Reads a map: `read` asks for keys, and afterwards any key it did not ask for is refused.
  void map(const std::function<void(MapReader&)>& read) const;

 private:
  template <class Parsed>
  Parsed parsed(std::optional<Parsed> (*parse)(std::string_view), std::string_view expected) const;

  const Document* document_;
  const Value* value_;
  std::string path_;
};

class MapReader {
 public:
  explicit MapReader(const Field& map);

  // The field with this key, or nothing; either way the key counts as known from now on.
  std::optional<Field> find(std::string_view key);
  // The field with this key; its absence is an error.
  Field require(std::string_view key);
  // All keys, in order, for maps whose keys are names chosen by the author.
  std::vector<std::pair<std::string, Field>> all();
  bool has(std::string_view key) const noexcept { return map_.value().find(key) != nullptr; }

  // Additional suggestions for an unknown key in an override.
  void suggest(std::vector<std::string> words) { suggested_ = std::move(words); }
  // Refuses every key that was not asked for, naming the nearest one that would be known.
  void finish() const;
  const Field& field() const noexcept { return map_; }

 private:
  Field map_;
  std::vector<std::string> known_;
  std::vector<std::string> suggested_;
  bool all_taken_ = false;
};

// The member of `known` with the fewest edits from `word`, if they are few; otherwise empty.
std::string nearest_word(std::string_view word, const std::vector<std::string>& known);
// "a, b and c"; a long list ends with "and 36 more".
std::string joined_words(const std::vector<std::string>& words);

}  // namespace peerbed::scenarios
