#include "scenarios/text/field.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "protocols/environment/nearest_word.h"
#include "scenarios/text/units.h"

namespace peerbed::scenarios {
namespace {

constexpr std::size_t most_words_joined = 64;
constexpr std::size_t longest_quote = 40;  // of a user's text inside an error message

std::string described(const Value& value) {
  switch (value.kind) {
    case Value::Kind::nothing:
      return "nothing";
    case Value::Kind::sequence:
      return "a list";
    case Value::Kind::map:
      return "a map";
    case Value::Kind::scalar:
      break;
  }
  if (value.scalar.size() <= longest_quote) return "'" + value.scalar + "'";
  return "'" + value.scalar.substr(0, longest_quote) + "...'";
}

std::string shortest_number(double number) {
  std::array<char, 32> buffer{};
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number).ptr;
  return {buffer.data(), end};
}

}  // namespace

std::string nearest_word(std::string_view word, const std::vector<std::string>& known) {
  return peerbed::nearest_word(word, known);
}

std::string joined_words(const std::vector<std::string>& words) {
  std::string joined;
  if (words.size() > most_words_joined) {
    for (std::size_t i = 0; i < most_words_joined; ++i) joined += words[i] + ", ";
    return joined + "and " + show_count(words.size() - most_words_joined) + " more";
  }
  for (std::size_t i = 0; i < words.size(); ++i)
    joined += (i == 0 ? "" : i + 1 == words.size() ? " and " : ", ") + words[i];
  return joined;
}

void Field::fail(const std::string& sentence) const {
  throw ScenarioError(position(), path_.empty() ? sentence : path_ + ": " + sentence);
}

void Field::fail_expected(std::string_view expected) const {
  fail("expected " + std::string(expected) + ", but found " + described(*value_));
}

template <class Parsed>
Parsed Field::parsed(std::optional<Parsed> (*parse)(std::string_view), std::string_view expected) const {
  if (!is_scalar()) fail_expected(expected);
  const auto result = parse(value_->scalar);
  if (!result) fail_expected(expected);
  return *result;
}

std::string Field::text() const {
  if (!is_scalar()) fail_expected("a text");
  return value_->scalar;
}

std::uint64_t Field::count(std::uint64_t lowest, std::uint64_t highest) const {
  const std::string expected = "a whole number from " + std::to_string(lowest) + " to " + std::to_string(highest);
  const auto result = parsed(parse_count, expected);
  if (result < lowest || result > highest) fail_expected(expected);
  return result;
}

double Field::number(double lowest, double highest) const {
  const std::string expected = "a number from " + shortest_number(lowest) + " to " + shortest_number(highest);
  const double result = parsed(parse_number, expected);
  if (result < lowest || result > highest) fail_expected(expected);
  return result;
}

Duration Field::duration() const { return parsed(parse_duration, expected_duration); }

Duration Field::positive_duration() const {
  const Duration result = duration();
  if (result == Duration::zero()) fail_expected("a duration longer than 0s, such as 40ms");
  return result;
}

Duration Field::duration_from(Duration lowest) const {
  const Duration result = duration();
  if (result < lowest) fail_expected("a duration of at least " + write_duration(lowest));
  return result;
}

Duration Field::period() const { return duration_from(shortest_period); }

Duration Field::signed_duration() const { return parsed(parse_signed_duration, expected_duration); }
double Field::probability() const { return parsed(parse_probability, expected_probability); }
sim::Rate Field::rate() const {
  if (is_scalar() && is_no_rate(value_->scalar)) fail_expected("a rate above 0, such as 64kbit/s, 20Mbit/s or 10MB/s");
  return parsed(parse_rate, expected_rate);
}
std::uint64_t Field::size() const { return parsed(parse_size, expected_size); }
std::int64_t Field::drift() const { return parsed(parse_drift, expected_drift); }
Duration Field::frequency() const { return parsed(parse_frequency, expected_frequency); }

bool Field::boolean() const {
  if (is_scalar() && value_->scalar == "true") return true;
  if (is_scalar() && value_->scalar == "false") return false;
  fail_expected("true or false");
}

std::size_t Field::choice(const std::vector<std::string_view>& words) const {
  std::string expected;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (is_scalar() && value_->scalar == words[i]) return i;
    expected += (i == 0 ? "" : i + 1 == words.size() ? " or " : ", ") + std::string(words[i]);
  }
  fail_expected(expected);
}

Field Field::child(std::string_view key, const Value& value) const {
  return Field(*document_, value, path_.empty() ? std::string(key) : path_ + "." + std::string(key));
}

Field Field::within(std::string_view key) const {
  const Value* value = value_->find(key);
  return value == nullptr ? *this : child(key, *value);
}

std::vector<Field> Field::elements() const {
  if (value_->kind == Value::Kind::nothing) fail_expected("a list");
  if (!is_sequence()) return {*this};
  std::vector<Field> fields;
  fields.reserve(value_->elements.size());
  for (std::size_t i = 0; i < value_->elements.size(); ++i)
    fields.emplace_back(*document_, value_->elements[i], path_ + "." + std::to_string(i));
  return fields;
}

void Field::map(const std::function<void(MapReader&)>& read) const {
  MapReader reader(*this);
  read(reader);
  reader.finish();
}

MapReader::MapReader(const Field& map) : map_(map) {
  if (!map.is_map()) map.fail_expected("a map of keys and values");
}

std::optional<Field> MapReader::find(std::string_view key) {
  known_.emplace_back(key);
  const Value* value = map_.value().find(key);
  if (value == nullptr) return std::nullopt;
  return map_.child(key, *value);
}

Field MapReader::require(std::string_view key) {
  auto field = find(key);
  if (!field) map_.fail("the key '" + std::string(key) + "' is missing; add it here");
  return *field;
}

std::vector<std::pair<std::string, Field>> MapReader::all() {
  all_taken_ = true;
  std::vector<std::pair<std::string, Field>> fields;
  for (const Entry& entry : map_.value().entries)
    fields.emplace_back(entry.key.scalar, map_.child(entry.key.scalar, entry.value));
  return fields;
}

void MapReader::finish() const {
  if (all_taken_) return;
  for (const Entry& entry : map_.value().entries) {
    const std::string& key = entry.key.scalar;
    if (std::find(known_.begin(), known_.end(), key) != known_.end()) continue;
    std::vector<std::string> known;
    for (const std::string& each : known_)
      if (std::find(known.begin(), known.end(), each) == known.end()) known.push_back(each);
    std::vector<std::string> meant = known;
    if (entry.key.source != 0) meant.insert(meant.end(), suggested_.begin(), suggested_.end());
    const std::string nearest = nearest_word(key, meant);
    const std::string remedy =
        nearest.empty() ? "known keys are " + joined_words(known) : "did you mean '" + nearest + "'?";
    const std::string path = map_.path().empty() ? "" : map_.path() + ": ";
    throw ScenarioError(map_.document().position_of(entry.key), path + "unknown key '" + key + "'; " + remedy);
  }
}

}  // namespace peerbed::scenarios
