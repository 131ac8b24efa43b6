#pragma once
// The numbers of a figure as a table for a text: Markdown, or LaTeX without packages. Means come with their intervals.

#include <cstdint>
#include <string>

#include "analysis/plot/figure.h"

namespace peerbed::analysis {

enum class TableForm : std::uint8_t { markdown, latex };

constexpr std::size_t maximum_table_rows = 1000;

// A row for each value of x, a column for each series; of hulls, a row for each point on one; or a row for each row of
// the figure, with the number of values, their mean with its 95 % interval, and their median. Throws
// std::invalid_argument, with the reason, for nothing or too much.
std::string table_of(const CurveFigure& figure, TableForm form);
std::string table_of(const RowFigure& figure, TableForm form);

}  // namespace peerbed::analysis
