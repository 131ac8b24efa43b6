#include "analysis/results/table.h"

#include <algorithm>
#include <ostream>

namespace peerbed::analysis {
namespace {

std::size_t width_of(const std::string& text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

}  // namespace

void Table::print(std::ostream& out, const Style& style, std::size_t indent) const {
  std::vector<std::size_t> widths;
  for (const Column& column : columns_) widths.push_back(width_of(column.title));
  for (const auto& row : rows_)
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width_of(row[i]));

  const auto line_of = [&](const auto& cell_at, std::size_t cells) {
    std::string line(indent, ' ');
    for (std::size_t i = 0; i < cells; ++i) {
      const std::string& cell = cell_at(i);
      const std::string padding(widths[i] - width_of(cell), ' ');
      line += (i == 0 ? "" : "  ") + (columns_[i].align == Align::right ? padding + cell : cell + padding);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    return line;
  };

  const bool titled =
      std::any_of(columns_.begin(), columns_.end(), [](const Column& column) { return !column.title.empty(); });
  if (titled)
    out << style.dim(line_of([&](std::size_t i) -> const std::string& { return columns_[i].title; }, columns_.size()))
        << '\n';
  for (const auto& row : rows_)
    out << line_of([&](std::size_t i) -> const std::string& { return row[i]; }, row.size()) << '\n';
}

}  // namespace peerbed::analysis
