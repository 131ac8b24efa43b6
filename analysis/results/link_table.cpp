#include "analysis/results/link_table.h"

#include <algorithm>
#include <charconv>

#include "analysis/results/results_text.h"
#include "analysis/statistics/metric_words.h"

namespace peerbed::analysis {
namespace {

std::string header() {
  std::string line = "seconds,link,utilisation";
  for (const LinkColumn& column : link_columns) line.append(",").append(column.name);
  return line;
}

// The next cell of a line that csv_field wrote; nothing if a quote is not closed.
std::optional<std::string> next_cell(std::string_view& line) {
  std::string cell;
  if (line.starts_with('"')) {
    std::size_t at = 1;
    for (; at < line.size(); ++at) {
      if (line[at] == '"' && !line.substr(at + 1).starts_with('"')) break;
      if (line[at] == '"') ++at;
      cell += line[at];
    }
    if (at == line.size()) return std::nullopt;
    line.remove_prefix(at + 1);
  } else {
    cell = line.substr(0, line.find(','));
    line.remove_prefix(cell.size());
  }
  if (line.starts_with(',')) line.remove_prefix(1);
  return cell;
}

std::optional<std::uint64_t> whole_number(const std::string& text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::optional<LinkRow> read_line(std::string_view line) {
  LinkRow use;
  const auto seconds = next_cell(line);
  const auto link = next_cell(line);
  const auto utilisation = next_cell(line);
  if (!seconds || !link || !utilisation) return std::nullopt;
  const auto begin = exact_number(*seconds);
  const auto share = exact_number(*utilisation);
  if (!begin || !share || link->empty()) return std::nullopt;
  use.seconds = *begin;
  use.link = *link;
  use.utilisation = *share;
  for (const LinkColumn& column : link_columns) {
    const auto cell = next_cell(line);
    const auto number = cell ? whole_number(*cell) : std::nullopt;
    if (!number) return std::nullopt;
    use.*column.field = *number;
  }
  return use;
}

}  // namespace

std::string links_csv(const LinkTable& table) {
  std::string csv = header() + "\n";
  for (const LinkRow& use : table) {
    csv.append(exact_text(use.seconds)).append(",").append(csv_field(use.link)).append(",");
    csv.append(exact_text(use.utilisation));
    for (const LinkColumn& column : link_columns) csv.append(",").append(std::to_string(use.*column.field));
    csv += '\n';
  }
  return csv;
}

std::optional<LinkTable> read_links(std::string_view csv) {
  LinkTable table;
  bool is_header = true;
  while (!csv.empty()) {
    const std::string_view line = csv.substr(0, csv.find('\n'));
    csv.remove_prefix(std::min(line.size() + 1, csv.size()));
    if (is_header && line != header()) return std::nullopt;
    if (!is_header) {
      auto use = read_line(line);
      if (!use) return std::nullopt;
      table.push_back(*std::move(use));
    }
    is_header = false;
  }
  return is_header ? std::nullopt : std::optional(std::move(table));
}

}  // namespace peerbed::analysis
