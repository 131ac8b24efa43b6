#pragma once
// Figures for papers and pages: curves over two axes, and rows of bars or of samples. Each becomes a picture by layout
// alone: titles with units, round ticks, labels that do not overlap, and series that differ in colour (Okabe and Ito's
// palette), in dashes and in marks, so that they are told apart in print and by everybody.

#include <optional>
#include <string>
#include <vector>

#include "analysis/plot/picture.h"
#include "analysis/statistics/statistics.h"
#include "protocols/environment/trace.h"

namespace peerbed::analysis {

struct Look {
  double width = 340;  // points; at least 140
  bool is_dark = false;
};

// More series than can be told apart, or rows than fit on a page, are refused.
constexpr std::size_t maximum_series = 14;
constexpr std::size_t maximum_rows = 80;

struct Axis {
  std::string title;
  std::string metric{};  // what it shows, where its unit is in its name
  Unit unit = Unit::none;
  bool is_logarithmic = false;
  std::string suffix{};  // of the unit: "/s"
};

struct Point {
  double x = 0;
  double y = 0;
  std::optional<Interval> interval{};  // of y
};

enum class Drawn : std::uint8_t {
  marked,  // a mark at each point, joined by a line
  line,    // a line alone
  steps,   // each value holds until the next: a cumulative distribution
  theory,  // thin and dashed, without marks
};

// Points in ascending order of x.
struct Series {
  std::string label{};
  std::vector<Point> points{};
  Drawn drawn = Drawn::marked;
};

struct CurveFigure {
  std::string title{};  // empty: none
  Axis x{};
  Axis y{};
  std::vector<Series> series{};
  bool is_labelled_directly = true;  // at the curves' ends, where there is room; else in a legend
  std::string description{};         // what the picture shows, for those who cannot see it
};

// What one group has in one row: a bar of one value, or several samples.
struct RowValues {
  std::vector<double> values{};
  std::string note{};  // beside a bar
};

struct Row {
  std::string label{};
  std::vector<RowValues> groups{};  // as many as the figure has
};

struct RowFigure {
  std::string title{};
  Axis value{};
  std::string row_title{};  // of what the rows are; empty: none
  std::vector<std::string> groups{};
  std::vector<Row> rows{};
  bool has_bars = true;  // else all values, with a box from the first quartile to the third and a stroke at the median
  std::string description{};
};

// Values that are no finite numbers, and on a logarithmic axis those that are not positive, are not drawn. Throws
// std::invalid_argument, which says why, when nothing is left or there is too much.
Picture picture_of(const CurveFigure& figure, const Look& look = {});
Picture picture_of(const RowFigure& figure, const Look& look = {});

}  // namespace peerbed::analysis
