#include "sim/network/csv_shape.h"

#include <algorithm>
#include <initializer_list>
#include <utility>
#include <vector>

#include "sim/core/text_file.h"
#include "sim/network/attribute_units.h"

namespace peerbed::sim {

namespace {

std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char& byte : lower) byte = byte >= 'A' && byte <= 'Z' ? static_cast<char>(byte - 'A' + 'a') : byte;
  return lower;
}

std::vector<std::string> words_between(std::string_view text, std::string_view separators) {
  std::vector<std::string> words(1);
  for (const char byte : text) {
    if (separators.find(byte) == std::string_view::npos)
      words.back().push_back(byte);
    else if (!words.back().empty())
      words.emplace_back();
  }
  return words;
}

bool names_delay(std::string_view title) {
  for (const std::string& word : words_of_title(title))
    for (const char* name : {"delay", "latency", "rtt", "ping"})
      if (word == name) return true;
  return unit_in_title(title).has_value();
}

class CsvShapeReader {
 public:
  explicit CsvShapeReader(const std::string& path) : file_(path) {}

  CsvShape read() && {
    while (rows_.size() <= most_rows && file_.next()) {
      if (!file_.has_content()) continue;
      if (rows_.empty()) shape_.separator = file_.separator();
      const auto cells = file_.cells(shape_.separator);
      rows_.emplace_back(cells.begin(), cells.end());
    }
    if (rows_.empty()) file_.fail("the file is empty; begin with a line of site names");
    shape_.width = rows_[0].size();
    if (is_number(rows_[0][0]) && are_numbers(rows_[0])) {
      shape_.has_header = false;
      shape_.form = shape_.width == 3 && !is_square_of_three(0) ? CsvShape::Form::list : CsvShape::Form::unnamed_square;
    } else if (names_columns()) {
      shape_.form = CsvShape::Form::list;
      shape_.unit = unit_in_title(rows_[0][shape_.columns[2]]);
    } else if (rows_.size() > 1 && are_numbers(rows_[1]) && !rows_[0][0].empty() && !is_name(rows_[1][0]) &&
               (shape_.width != 3 || is_square_of_three(1))) {
      shape_.form = CsvShape::Form::unnamed_rows;
    } else if (begins_list()) {
      shape_.form = CsvShape::Form::list;
      shape_.has_header = !is_number(rows_[0][2]);
      if (shape_.has_header) shape_.unit = unit_in_title(rows_[0][2]);
    } else {
      shape_.unit = unit_in_title(rows_[0][0]);
    }
    return shape_;
  }

 private:
  static constexpr std::size_t most_rows = 4;  // a title, and three rows

  bool is_number(std::string_view cell) const { return to_number(with_point(cell, shape_.separator)).has_value(); }
  bool are_numbers(const std::vector<std::string>& row) const {
    return std::all_of(row.begin(), row.end(),
                       [this](const auto& cell) { return is_missing(cell) || is_number(cell); });
  }
  bool is_name(std::string_view cell) const {
    return std::find(rows_[0].begin() + 1, rows_[0].end(), cell) != rows_[0].end();
  }

  // Whether exactly three rows of three numbers follow after so many lines, with nothing in the diagonal.
  bool is_square_of_three(std::size_t begin) const {
    if (rows_.size() != begin + 3) return false;
    for (std::size_t i = 0; i < 3; ++i) {
      const auto& row = rows_[begin + i];
      if (row.size() != 3 || !are_numbers(row)) return false;
      if (!is_missing(row[i]) && to_number(with_point(row[i], shape_.separator)) != 0.0) return false;
    }
    return true;
  }

  // Whether the first line names the columns of a list.
  bool names_columns() {
    const auto column = [this](std::initializer_list<std::string_view> names) {
      std::size_t i = 0;
      while (i < shape_.width && std::find(names.begin(), names.end(), lower_case(rows_[0][i])) == names.end()) ++i;
      return i;
    };
    const std::size_t from = column({"from", "source", "src", "origin"});
    const std::size_t to = column({"to", "target", "destination", "dest", "dst"});
    if (from == shape_.width || to == shape_.width) return false;
    std::vector<std::size_t> delays;
    for (std::size_t i = 0; i < shape_.width; ++i)
      if (i != from && i != to && (shape_.width == 3 || names_delay(rows_[0][i]))) delays.push_back(i);
    if (delays.empty()) file_.fail("no column of the list is named delay; name three of them from, to and delay");
    if (delays.size() > 1)
      file_.fail("both \"" + rows_[0][delays[0]] + "\" and \"" + rows_[0][delays[1]] + "\"" +
                 " may be the delay; keep one of these columns");
    shape_.columns = {from, to, delays[0]};
    return true;
  }

  // With three columns, a row of a square begins with one of the two sites, and a delay or nothing follows.
  bool begins_list() const {
    if (shape_.width != 3) return false;
    if (rows_.size() == 1) return is_number(rows_[0][2]);
    const auto& row = rows_[1];
    return row.size() == 3 && !(is_name(row[0]) && (is_missing(row[1]) || is_number(row[1])));
  }

  TextFile file_;
  std::vector<std::vector<std::string>> rows_;
  CsvShape shape_;
};

}  // namespace

std::vector<std::string> words_of_title(std::string_view title) { return words_between(lower_case(title), " ()[]_/-"); }

std::optional<double> unit_of_rate_in_title(std::string_view title) {
  for (std::string word : words_between(title, " ()[]_")) {
    if (word.size() < 3) continue;
    // Titles are often in lower case; units are not.
    for (int spelling = 0; spelling < 2; ++spelling) {
      if (const auto unit = parse_rate_attribute("1 " + word, 1)) return static_cast<double>(*unit);
      if (word.front() >= 'a' && word.front() <= 'z') word.front() = static_cast<char>(word.front() - 'a' + 'A');
    }
  }
  return std::nullopt;
}

std::optional<DelayUnit> unit_in_title(std::string_view title) {
  constexpr std::pair<std::string_view, DelayUnit> units[] = {{"us", DelayUnit::microseconds},
                                                              {"\u00B5s", DelayUnit::microseconds},
                                                              {"\u03BCs", DelayUnit::microseconds},
                                                              {"usec", DelayUnit::microseconds},
                                                              {"microseconds", DelayUnit::microseconds},
                                                              {"ms", DelayUnit::milliseconds},
                                                              {"msec", DelayUnit::milliseconds},
                                                              {"milliseconds", DelayUnit::milliseconds},
                                                              {"s", DelayUnit::seconds},
                                                              {"sec", DelayUnit::seconds},
                                                              {"seconds", DelayUnit::seconds}};
  for (const std::string& word : words_of_title(title))
    for (const auto& [name, unit] : units)
      if (word == name) return unit;
  return std::nullopt;
}

bool is_missing(std::string_view cell) {
  const std::string lower = lower_case(cell);
  for (const char* word : {"", "-", "nan", "na", "n/a", "null", "none"})
    if (lower == word) return true;
  return false;
}

std::string with_point(std::string_view number, char separator) {
  std::string text(number);
  if (separator != ',') std::replace(text.begin(), text.end(), ',', '.');
  return text;
}

CsvShape csv_shape_of(const std::string& path) { return CsvShapeReader(path).read(); }

}  // namespace peerbed::sim
