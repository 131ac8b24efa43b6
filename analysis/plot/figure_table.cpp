#include "analysis/plot/figure_table.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <map>
#include <stdexcept>
#include <vector>

#include "analysis/plot/hull.h"
#include "analysis/plot/scale.h"
#include "analysis/statistics/statistics.h"

namespace peerbed::analysis {
namespace {

using Cells = std::vector<std::string>;

// With three digits, or all digits of a whole number.
std::string number_text(double value) {
  if (!std::isfinite(value)) return "";
  const double size = std::fabs(value);
  int decimals = 0;
  if (value != std::floor(value) || size < 1000)
    decimals =
        size == 0 || value == std::floor(value) ? 0 : std::max(0, 2 - static_cast<int>(std::floor(std::log10(size))));
  std::array<char, 400> text{};
  const auto end =
      std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed, std::min(decimals, 12))
          .ptr;
  return {text.data(), end};
}

std::string mean_text(double mean, const std::optional<Interval>& interval, TableForm form) {
  if (!interval) return number_text(mean);
  const std::string to = form == TableForm::latex ? "--" : " to ";
  return number_text(mean) + " (" + number_text(interval->low) + to + number_text(interval->high) + ")";
}

// Characters that mean something in a table of that form.
std::string escaped(const std::string& text, TableForm form) {
  std::string result;
  for (const char c : text) {
    if (form == TableForm::markdown) {
      result += c == '|' || c == '\\' ? "\\" + std::string(1, c) : std::string(1, c == '\n' ? ' ' : c);
      continue;
    }
    switch (c) {
      case '&':
      case '%':
      case '$':
      case '#':
      case '_':
      case '{':
      case '}':
        result += '\\';
        result += c;
        break;
      case '\\':
        result += "\\textbackslash{}";
        break;
      case '~':
        result += "\\textasciitilde{}";
        break;
      case '^':
        result += "\\textasciicircum{}";
        break;
      default:
        result += c == '\n' ? ' ' : c;
    }
  }
  return result;
}

// The first column to the left, all others to the right.
std::string written(const Cells& titles, const std::vector<Cells>& rows, TableForm form) {
  if (rows.empty()) throw std::invalid_argument("there are no values for a table");
  if (rows.size() > maximum_table_rows)
    throw std::invalid_argument("the table would have " + std::to_string(rows.size()) + " rows, but at most " +
                                std::to_string(maximum_table_rows) +
                                " fit a text; narrow it with --x-range, or read the files");
  const bool is_latex = form == TableForm::latex;
  const auto line = [&](const Cells& cells) {
    std::string text = is_latex ? "  " : "| ";
    for (std::size_t i = 0; i < cells.size(); ++i)
      text += (i == 0 ? "" : is_latex ? " & " : " | ") + escaped(cells[i], form);
    return text + (is_latex ? " \\\\\n" : " |\n");
  };
  std::string text;
  if (is_latex) {
    text = "\\begin{tabular}{l" + std::string(titles.size() - 1, 'r') + "}\n  \\hline\n" + line(titles) + "  \\hline\n";
  } else {
    text = line(titles) + "|---|";
    for (std::size_t i = 1; i < titles.size(); ++i) text += "---:|";
    text += '\n';
  }
  for (const Cells& cells : rows) text += line(cells);
  return text + (is_latex ? "  \\hline\n\\end{tabular}\n" : "");
}

bool is_within(const Axis& axis, double value) {
  return !axis.limits || (value >= axis.limits->first && value <= axis.limits->second);
}

double largest_of(double before, double value) {
  return std::isfinite(value) ? std::max(before, std::fabs(value)) : before;
}

std::string title_of(const Axis& axis, const Measure& measure) {
  const std::string unit = measure.name + axis.suffix;
  return unit.empty() ? axis.title : axis.title + " (" + unit + ")";
}

std::string in_measure(const Point& point, const Measure& measure, TableForm form) {
  std::optional<Interval> interval = point.interval;
  if (interval) interval = Interval{interval->low / measure.size, interval->high / measure.size};
  return mean_text(point.y / measure.size, interval, form);
}

// A row for each point of a hull.
std::string table_of_hulls(const CurveFigure& figure, const Measure& x, const Measure& y, TableForm form) {
  std::vector<Cells> rows;
  for (const Series& series : figure.series)
    for (const Point& point : lower_hull(series.points))
      if (is_within(figure.x, point.x))
        rows.push_back({series.label + (point.label.empty() ? "" : ", " + point.label), number_text(point.x / x.size),
                        in_measure(point, y, form)});
  return written({"setting", title_of(figure.x, x), title_of(figure.y, y)}, rows, form);
}

}  // namespace

std::string table_of(const CurveFigure& figure, TableForm form) {
  double largest_x = 0;
  double largest_y = 0;
  for (const Series& series : figure.series)
    for (const Point& point : series.points) {
      largest_x = largest_of(largest_x, point.x);
      largest_y = largest_of(largest_y, point.y);
    }
  const Measure x = measure_for(figure.x.unit, figure.x.metric, largest_x);
  const Measure y = measure_for(figure.y.unit, figure.y.metric, largest_y);
  const bool has_hulls = std::any_of(figure.series.begin(), figure.series.end(),
                                     [](const Series& series) { return series.drawn == Drawn::hull; });
  if (has_hulls) return table_of_hulls(figure, x, y, form);
  Cells titles{title_of(figure.x, x)};
  std::map<double, Cells> rows;
  for (std::size_t i = 0; i < figure.series.size(); ++i) {
    const Series& series = figure.series[i];
    const bool is_alone = figure.series.size() == 1 || series.label.empty();
    titles.push_back(title_of(figure.y, y) + (is_alone ? "" : ", " + series.label));
    for (const Point& point : series.points) {
      // A formula has values where nothing was measured.
      if (!is_within(figure.x, point.x) || (series.drawn == Drawn::theory && i > 0 && !rows.contains(point.x)))
        continue;
      Cells& cells = rows[point.x];
      cells.resize(figure.series.size() + 1);
      cells[i + 1] = in_measure(point, y, form);
    }
  }
  std::vector<Cells> all;
  for (auto& [value, cells] : rows) {
    cells.front() = number_text(value / x.size);
    all.push_back(std::move(cells));
  }
  return written(titles, all, form);
}

std::string table_of(const RowFigure& figure, TableForm form) {
  double largest = 0;
  for (const Row& row : figure.rows)
    for (const RowValues& values : row.groups)
      for (const double value : values.values) largest = largest_of(largest, value);
  const Measure measure = measure_for(figure.value.unit, figure.value.metric, largest);
  const std::string title = title_of(figure.value, measure);
  Cells titles{figure.row_title};
  for (const std::string& group : figure.groups) {
    const std::string of = figure.groups.size() > 1 ? ", " + group : "";
    if (!figure.has_bars) titles.push_back("runs" + of);
    titles.push_back(title + of);
    if (!figure.has_bars) titles.push_back("median" + of);
  }
  std::vector<Cells> rows;
  for (const Row& row : figure.rows) {
    Cells cells{row.label};
    for (const RowValues& group : row.groups) {
      std::vector<double> values = group.values;
      for (double& value : values) value /= measure.size;
      if (!figure.has_bars) cells.push_back(std::to_string(values.size()));
      std::optional<Interval> interval;
      if (values.size() > 1) interval = mean_interval(values);
      cells.push_back(values.empty() ? "" : mean_text(mean(values), interval, form));
      if (!figure.has_bars) cells.push_back(values.empty() ? "" : number_text(summarize(values).median));
    }
    rows.push_back(std::move(cells));
  }
  return written(titles, rows, form);
}

}  // namespace peerbed::analysis
