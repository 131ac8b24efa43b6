#include "sim/network/delay_files.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <sstream>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/core/text_file.h"
#include "sim/random/distribution.h"

namespace peerbed::sim {

namespace {

constexpr std::size_t maximum_name_length = 256;

std::string quoted(std::string_view word) { return std::string("\"").append(word).append("\""); }

double nanoseconds_of_one_way(DelayUnit unit, DelayMeasure measure) noexcept {
  const double unit_length = unit == DelayUnit::microseconds ? 1e3 : unit == DelayUnit::milliseconds ? 1e6 : 1e9;
  return measure == DelayMeasure::round_trip ? unit_length / 2 : unit_length;
}

// Parses a word as a one-way delay. `same_site` allows zero.
Duration parse_delay(const TextFile& file, std::string_view word, double unit, bool same_site) {
  if (word.empty() && same_site) return Duration::zero();
  const auto value = to_number(word);
  if (!value) file.fail(quoted(word) + " is not a delay; write a number");
  if (*value < 0 || (*value == 0 && !same_site))
    file.fail(quoted(word) + " between two sites is a missing measurement; write a delay above 0, or remove a site");
  const Duration delay = round_up(*value * unit);
  if (delay > DelayMatrix::maximum_delay) file.fail(quoted(word) + " is longer than 4.29 s one way; check the unit");
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

std::vector<std::string> read_names(const TextFile& file) {
  const auto cells = file.cells();
  if (cells.size() == 1 && cells[0].find(';') != std::string_view::npos)
    file.fail("the cells are separated by ';'; separate them by commas, and write delays with a point");
  require_site_count(file, cells.size() - 1);
  std::vector<std::string> names(cells.begin() + 1, cells.end());
  for (const std::string& name : names)
    if (name.empty() || name.size() > maximum_name_length) file.fail("a site's name has 1 to 256 characters");
  auto sorted = names;
  std::sort(sorted.begin(), sorted.end());
  const auto twice = std::adjacent_find(sorted.begin(), sorted.end());
  if (twice != sorted.end()) file.fail("the site \"" + *twice + "\" is named twice; give each its own name");
  return names;
}

// A delay between two sites, which are numbered as in the file.
struct PairDelay {
  std::uint32_t from, to;
  Duration delay;
};

class PairTable {
 public:
  std::uint32_t add_site(const TextFile& file, std::string_view word) {
    const auto number = to_count(word);
    if (!number || *number > UINT32_MAX) file.fail(quoted(word) + " is not the number of a site; write a whole number");
    const auto site = static_cast<std::uint32_t>(*number);
    sites_.emplace(site, 0);
    require_site_count(file, sites_.size());
    return site;
  }

  void add_pair(const TextFile& file, const PairDelay& pair) {
    if (pairs_.size() == DelayMatrix::maximum_size * DelayMatrix::maximum_size)
      file.fail("there are more pairs than sites allow; give each pair once");
    pairs_.push_back(pair);
  }

  DelayMatrix matrix(const TextFile& file) {
    require_site_count(file, sites_.size());
    std::vector<std::string> names;
    for (auto& [number, site] : sites_) {
      site = static_cast<SiteIndex>(names.size());
      names.push_back(std::to_string(number));
    }
    DelayMatrix delays(sites_.size(), std::move(names));
    for (const PairDelay& pair : pairs_) {
      const SiteIndex from = sites_.at(pair.from);
      const SiteIndex to = sites_.at(pair.to);
      if (delays(from, to) != Duration::zero()) fail_on_pair(file, pair.from, pair.to, "is given twice; give it once");
      delays.set(from, to, pair.delay);
    }
    mirror_missing(file, delays);
    return delays;
  }

 private:
  static void mirror_missing(const TextFile& file, DelayMatrix& delays) {
    for (SiteIndex from = 0; from < delays.size(); ++from)
      for (SiteIndex to = 0; to < delays.size(); ++to) {
        if (from == to || delays(from, to) != Duration::zero()) continue;
        if (delays(to, from) == Duration::zero())
          fail_on_pair(file, delays.names()[from], delays.names()[to], "is missing; give it, or remove a site");
        delays.set(from, to, delays(to, from));
      }
  }

  template <class Site>
  [[noreturn]] static void fail_on_pair(const TextFile& file, const Site& from, const Site& to, const char* problem) {
    std::ostringstream message;
    message << "the delay between " << from << " and " << to << ' ' << problem;
    file.fail(message.str());
  }

  std::map<std::uint32_t, SiteIndex> sites_;
  std::vector<PairDelay> pairs_;
};

DelayMatrix read_king_pairs(TextFile& file) {
  const double unit = nanoseconds_of_one_way(DelayUnit::microseconds, DelayMeasure::round_trip);
  PairTable table;
  while (file.next()) {
    const auto words = file.words();
    if (!file.has_content() || words.empty() || words[0] == "topology" || words[0] == "failure_model") continue;
    if (words[0] == "node" && words.size() >= 2) {
      table.add_site(file, words[1]);
      continue;
    }
    if (words.size() != 3) file.fail("invalid line of King data; write \"node i\" or \"i,j microseconds\"");
    const std::uint32_t from = table.add_site(file, words[0]);
    const std::uint32_t to = table.add_site(file, words[1]);
    table.add_pair(file, {from, to, parse_delay(file, words[2], unit, from == to)});
  }
  return table.matrix(file);
}

// p2psim's form begins with a word, or with a pair and its delay; a matrix of three sites begins with its diagonal.
bool begins_with_pairs(const TextFile& file) {
  const auto words = file.words();
  if (words.empty()) return true;
  if (!to_number(words[0])) return true;
  if (words.size() != 3) return false;
  return file.line().find(',') != std::string_view::npos || to_number(words[0]) != 0.0;
}

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
  TextFile file(path);
  if (!file.next()) file.fail("the file is empty; begin with a line of site names");
  auto names = read_names(file);
  const std::size_t size = names.size();
  DelayMatrix delays(size, std::move(names));
  std::size_t row = 0;
  while (file.next()) {
    if (!file.has_content()) continue;
    auto cells = file.cells();
    if (row == delays.size()) file.fail("there are more rows than columns; a matrix of delays is square");
    if (cells[0] != delays.names()[row])
      file.fail("row \"" + std::string(cells[0]) + "\" stands where column \"" + delays.names()[row] +
                "\" is; list rows and columns in the same order");
    cells.erase(cells.begin());
    parse_row(file, cells, nanoseconds_of_one_way(unit, measure), row++, delays);
  }
  require_rows(file, row, delays.size());
  return delays;
}

DelayMatrix load_king(const std::string& path) {
  bool pairs = true;
  {
    TextFile file(path);
    while (file.next() && !file.has_content()) continue;
    pairs = begins_with_pairs(file);
  }
  TextFile file(path);
  if (!pairs) return read_text_matrix(file, nanoseconds_of_one_way(DelayUnit::microseconds, DelayMeasure::round_trip));
  return read_king_pairs(file);
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
