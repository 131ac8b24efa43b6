#include "sim/network/delay_files.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/core/text_file.h"
#include "sim/network/attribute_units.h"
#include "sim/network/csv_shape.h"
#include "sim/random/distribution.h"

namespace peerbed::sim {

namespace {

constexpr std::size_t maximum_name_length = 256;

std::string in_quotes(std::string_view word) { return std::string("\"").append(word).append("\""); }

double nanoseconds_of_one_way(DelayUnit unit, DelayMeasure measure) noexcept {
  const double unit_length = unit == DelayUnit::microseconds ? 1e3 : unit == DelayUnit::milliseconds ? 1e6 : 1e9;
  return measure == DelayMeasure::round_trip ? unit_length / 2 : unit_length;
}

// Parses a word as a one-way delay. `same_site` allows zero.
Duration parse_delay(const TextFile& file, std::string_view word, double unit, bool same_site) {
  const auto value = to_number(word);
  if (!value) file.fail(in_quotes(word) + " is not a delay; write a number");
  if (*value < 0 || (*value == 0 && !same_site))
    file.fail(in_quotes(word) + " between two sites is a missing measurement; write a delay above 0, or remove a site");
  const Duration delay = round_up(*value * unit);
  if (delay > DelayMatrix::maximum_delay) file.fail(in_quotes(word) + " is longer than 4.29 s one way; check the unit");
  return delay;
}

void parse_row(const TextFile& file, const std::vector<std::string_view>& words, double unit, std::size_t row,
               DelayMatrix& delays) {
  if (words.size() != delays.size())
    file.fail("the row has " + std::to_string(words.size()) + " delays, but the matrix has " +
              std::to_string(delays.size()) + " sites; give one for each");
  for (std::size_t column = 0; column < words.size(); ++column)
    delays.set(static_cast<SiteIndex>(row), static_cast<SiteIndex>(column),
               parse_delay(file, words[column], unit, row == column));
}

void require_site_count(const TextFile& file, std::size_t count) {
  if (count == 0 || count > DelayMatrix::maximum_size)
    file.fail("there are " + std::to_string(count) + " sites; give between 1 and " +
              std::to_string(DelayMatrix::maximum_size));
}

void require_rows(const TextFile& file, std::size_t rows, std::size_t sites) {
  if (rows != sites)
    file.fail("the matrix ends after " + std::to_string(rows) + " rows of " + std::to_string(sites) +
              "; give one for each site");
}

DelayMatrix read_text_matrix(TextFile& file, double unit) {
  std::optional<DelayMatrix> delays;
  std::size_t row = 0;
  while (file.next()) {
    if (!file.has_content()) continue;
    const auto words = file.words();
    if (!delays) {
      require_site_count(file, words.size());
      delays.emplace(words.size());
    }
    if (row == delays->size()) file.fail("there are more rows than columns; a matrix of delays is square");
    parse_row(file, words, unit, row++, *delays);
  }
  if (!delays) file.fail("the file has no delays; give a square matrix of numbers");
  require_rows(file, row, delays->size());
  return *std::move(delays);
}

[[noreturn]] void fail_on_pair(const TextFile& file, const DelayMatrix& delays, SiteIndex from, SiteIndex to,
                               const char* problem) {
  const auto name = [&delays](SiteIndex site) {
    return delays.names().empty() ? std::to_string(site) : delays.names()[site];
  };
  file.fail("the delay between " + name(from) + " and " + name(to) + ' ' + problem);
}

void mirror_missing(const TextFile& file, DelayMatrix& delays) {
  for (SiteIndex from = 0; from < delays.size(); ++from)
    for (SiteIndex to = 0; to < delays.size(); ++to) {
      if (from == to || delays(from, to) != Duration::zero()) continue;
      if (delays(to, from) == Duration::zero())
        fail_on_pair(file, delays, from, to, "is missing; give it, or remove a site");
      delays.set(from, to, delays(to, from));
    }
}

// A delay between two sites, which are numbered as in the file.
struct PairDelay {
  std::uint32_t from, to;
  Duration delay;
};

class PairTable {
 public:
  void add_site(const TextFile& file, std::uint32_t site) {
    sites_.emplace(site, 0);
    require_site_count(file, sites_.size());
  }

  void add_pair(const TextFile& file, const PairDelay& pair) {
    add_site(file, pair.from);
    add_site(file, pair.to);
    if (pairs_.size() == DelayMatrix::maximum_size * DelayMatrix::maximum_size)
      file.fail("there are more pairs than sites allow; give each pair once");
    pairs_.push_back(pair);
  }

  // Sites are ordered by their numbers; `name_of` names them.
  template <class NameOf>
  DelayMatrix matrix(const TextFile& file, NameOf&& name_of) {
    require_site_count(file, sites_.size());
    std::vector<std::string> names;
    for (auto& [number, site] : sites_) {
      site = static_cast<SiteIndex>(names.size());
      names.push_back(name_of(number));
    }
    DelayMatrix delays(sites_.size(), std::move(names));
    for (const PairDelay& pair : pairs_) {
      const SiteIndex from = sites_.at(pair.from);
      const SiteIndex to = sites_.at(pair.to);
      if (delays(from, to) != Duration::zero()) fail_on_pair(file, delays, from, to, "is given twice; give it once");
      delays.set(from, to, pair.delay);
    }
    mirror_missing(file, delays);
    return delays;
  }

 private:
  std::map<std::uint32_t, SiteIndex> sites_;
  std::vector<PairDelay> pairs_;
};

std::uint32_t king_site(const TextFile& file, std::string_view word) {
  const auto number = to_count(word);
  if (!number || *number > UINT32_MAX)
    file.fail(in_quotes(word) + " is not the number of a site; write a whole number");
  return static_cast<std::uint32_t>(*number);
}

DelayMatrix read_king_pairs(TextFile& file, double unit) {
  PairTable table;
  while (file.next()) {
    const auto words = file.words();
    if (!file.has_content() || words.empty() || words[0] == "topology" || words[0] == "failure_model") continue;
    if (words[0] == "node" && words.size() >= 2) {
      table.add_site(file, king_site(file, words[1]));
      continue;
    }
    if (words.size() != 3) file.fail("invalid line of King data; write \"node i\" or \"i,j microseconds\"");
    const std::uint32_t from = king_site(file, words[0]);
    const std::uint32_t to = king_site(file, words[1]);
    table.add_pair(file, {from, to, parse_delay(file, words[2], unit, from == to)});
  }
  return table.matrix(file, [](std::uint32_t number) { return std::to_string(number); });
}

// p2psim's form begins with a word, or with a pair and its delay; a matrix of three sites begins with its diagonal.
bool begins_with_pairs(const TextFile& file) {
  const auto words = file.words();
  if (words.empty()) return true;
  if (!to_number(words[0])) return true;
  if (words.size() != 3) return false;
  return file.line().find(',') != std::string_view::npos || to_number(words[0]) != 0.0;
}

// A square or a list of pairs, as delay_files.h describes them.
class CsvDelays {
 public:
  CsvDelays(const std::string& path, DelayUnit unit, DelayMeasure measure)
      : file_(path),
        shape_(csv_shape_of(path)),
        unit_(nanoseconds_of_one_way(unit, measure)),
        share_(measure == DelayMeasure::round_trip ? 0.5 : 1) {}

  DelayMatrix read() && {
    if (shape_.has_header) {
      next_row();
      const auto cells = file_.cells(shape_.separator);
      header_.assign(cells.begin() + (shape_.form == CsvShape::Form::square ? 1 : 0), cells.end());
    }
    if (shape_.form == CsvShape::Form::list) return read_list();
    DelayMatrix delays = shape_.form == CsvShape::Form::square ? read_square() : read_rows();
    if (has_gaps_) mirror_missing(file_, delays);
    return delays;
  }

 private:
  bool next_row() {
    while (file_.next())
      if (file_.has_content()) return true;
    return false;
  }

  DelayMatrix read_list() {
    while (next_row()) add_pair(file_.cells(shape_.separator));
    return pairs_.matrix(file_, [this](std::uint32_t number) { return names_[number]; });
  }

  void add_pair(const std::vector<std::string_view>& cells) {
    if (cells.size() != shape_.width)
      file_.fail("the line has " + std::to_string(cells.size()) + " cells; write " +
                 (shape_.width == 3 ? "from,to,delay" : std::to_string(shape_.width) + ", as in the first line"));
    const std::uint32_t from = number_of(cells[shape_.columns[0]]);
    const std::uint32_t to = number_of(cells[shape_.columns[1]]);
    pairs_.add_pair(file_, {from, to, parse_cell(cells[shape_.columns[2]], from == to)});
  }

  std::uint32_t number_of(std::string_view name) {
    if (const auto known = numbers_.find(name); known != numbers_.end()) return known->second;
    require_name(name);
    const auto number = static_cast<std::uint32_t>(names_.size());
    numbers_.emplace(name, number);
    names_.emplace_back(name);
    return number;
  }

  DelayMatrix read_square() {
    require_names();
    for (const std::string& name : header_) number_of(name);
    DelayMatrix delays(names_.size(), names_);
    std::vector<bool> seen(names_.size());
    bool is_any = false;
    while (next_row()) {
      is_any = true;
      auto cells = file_.cells(shape_.separator);
      const auto row = numbers_.find(cells[0]);
      if (row == numbers_.end()) file_.fail("row " + in_quotes(cells[0]) + " has no column; give each site both");
      if (seen[row->second]) file_.fail("row " + in_quotes(cells[0]) + " is given twice; give each site one row");
      seen[row->second] = true;
      cells.erase(cells.begin());
      add_row(row->second, cells, delays);
    }
    if (!is_any) file_.fail("the matrix ends after its header; give a row for each site");
    const auto missing = std::find(seen.begin(), seen.end(), false);
    if (missing != seen.end())
      file_.fail("column " + in_quotes(names_[static_cast<std::size_t>(missing - seen.begin())]) +
                 " has no row; give each site both");
    return delays;
  }

  // Rows in the order of the columns.
  DelayMatrix read_rows() {
    if (shape_.has_header) require_names();
    require_site_count(file_, shape_.width);
    DelayMatrix delays(shape_.width, header_);
    std::size_t row = 0;
    while (next_row()) {
      if (row == delays.size()) file_.fail("there are more rows than columns; a matrix of delays is square");
      add_row(row++, file_.cells(shape_.separator), delays);
    }
    require_rows(file_, row, delays.size());
    return delays;
  }

  void add_row(std::size_t row, const std::vector<std::string_view>& cells, DelayMatrix& delays) {
    if (cells.size() != delays.size())
      file_.fail("the row has " + std::to_string(cells.size()) + " delays, but the matrix has " +
                 std::to_string(delays.size()) + " sites; give one for each");
    for (std::size_t column = 0; column < cells.size(); ++column) {
      if (row != column && is_missing(cells[column])) {
        has_gaps_ = true;
        continue;
      }
      delays.set(static_cast<SiteIndex>(row), static_cast<SiteIndex>(column), parse_cell(cells[column], row == column));
    }
  }

  void require_names() const {
    require_site_count(file_, header_.size());
    std::set<std::string_view> names;
    for (const std::string& name : header_) {
      require_name(name);
      if (!names.insert(name).second)
        file_.fail("the site " + in_quotes(name) + " is named twice; give each its own name");
    }
  }

  void require_name(std::string_view name) const {
    if (name.empty() || name.size() > maximum_name_length) file_.fail("a site's name has 1 to 256 characters");
  }

  Duration parse_cell(std::string_view cell, bool same_site) const {
    if (same_site && is_missing(cell)) return Duration::zero();
    const std::string number = with_point(cell, shape_.separator);
    if (const auto delay = to_number(number) ? std::nullopt : parse_latency_attribute(number))
      return parse_delay(file_, std::to_string(delay->count()), share_, same_site);
    return parse_delay(file_, number, unit_, same_site);
  }

  TextFile file_;
  CsvShape shape_;
  double unit_;   // nanoseconds
  double share_;  // of the delay in a file that is one way
  PairTable pairs_;
  bool has_gaps_ = false;
  std::vector<std::string> header_;  // without the cell above the rows' names
  std::vector<std::string> names_;   // by number
  std::map<std::string, std::uint32_t, std::less<>> numbers_;
};

std::uint32_t little_endian(const unsigned char* bytes) noexcept {
  return static_cast<std::uint32_t>(bytes[0]) | static_cast<std::uint32_t>(bytes[1]) << 8 |
         static_cast<std::uint32_t>(bytes[2]) << 16 | static_cast<std::uint32_t>(bytes[3]) << 24;
}

}  // namespace

DelayMatrix load_delay_text(const std::string& path, DelayUnit unit, DelayMeasure measure) {
  TextFile file(path);
  return read_text_matrix(file, nanoseconds_of_one_way(unit, measure));
}

DelayMatrix load_delay_csv(const std::string& path, DelayUnit unit, DelayMeasure measure) {
  return CsvDelays(path, unit, measure).read();
}

std::optional<DelayUnit> unit_in_csv(const std::string& path) { return csv_shape_of(path).unit; }

DelayMatrix load_king(const std::string& path, DelayUnit unit) {
  bool pairs = true;
  {
    TextFile file(path);
    while (file.next() && !file.has_content()) continue;
    pairs = begins_with_pairs(file);
  }
  TextFile file(path);
  const double nanoseconds = nanoseconds_of_one_way(unit, DelayMeasure::round_trip);
  return pairs ? read_king_pairs(file, nanoseconds) : read_text_matrix(file, nanoseconds);
}

DelayMatrix load_wondernetwork(const std::string& path) {
  constexpr std::size_t record_size = 16;
  constexpr std::size_t average_offset = 4;
  TextFile file(path, std::ios::binary);
  std::size_t size = 0;
  while (size <= DelayMatrix::maximum_size && (size + 1) * (size + 1) * record_size <= file.size()) ++size;
  if (size == 0 || size * size * record_size != file.size())
    file.fail("the file has " + std::to_string(file.size()) + " bytes; n sites take n * n * 16, up to n = 8192");
  const double unit = nanoseconds_of_one_way(DelayUnit::microseconds, DelayMeasure::round_trip);
  DelayMatrix delays(size);
  std::array<unsigned char, record_size> record;
  for (SiteIndex from = 0; from < size; ++from)
    for (SiteIndex to = 0; to < size; ++to) {
      file.stream().read(reinterpret_cast<char*>(record.data()), record_size);
      const std::uint32_t average = little_endian(record.data() + average_offset);
      const Duration delay = round_up(average * unit);
      if (!file.stream() || (average == 0 && from != to) || delay > DelayMatrix::maximum_delay)
        file.fail("the round trip from site " + std::to_string(from) + " to " + std::to_string(to) +
                  " is missing or longer than 8.58 s; give a complete file");
      delays.set(from, to, delay);
    }
  return delays;
}

}  // namespace peerbed::sim
