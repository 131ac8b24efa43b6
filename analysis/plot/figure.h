#pragma once
// Figures for papers and pages: curves over two axes, and rows of bars or of samples. Each is laid out as a picture:
// titles with units, round ticks, labels that do not overlap, and series that differ in colour (Okabe and Ito's
// palette), dashes and marks, so that they can be told apart in print and by colour-blind readers.

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "analysis/plot/picture.h"
#include "analysis/statistics/statistics.h"
#include "protocols/environment/trace.h"

namespace peerbed::analysis {

struct Look {
  double width = 340;  // points; at least 140
  bool is_dark = false;
};

// Refused above this: series could not be told apart, and rows would not fit on a page.
constexpr std::size_t maximum_series = 14;
constexpr std::size_t maximum_rows = 80;

struct Axis {
  std::string title;
  std::string metric{};  // what it shows, if its name implies its unit
  Unit unit = Unit::none;
  bool is_logarithmic = false;
  std::string suffix{};  // after the unit: "/s"
  // The range that is shown, in the unit of the values; curves are cut at its ends. By default, all values are shown.
  std::optional<std::pair<double, double>> limits{};
};

struct Point {
  double x = 0;
  double y = 0;
  std::optional<Interval> interval{};  // of y
  std::string label{};                 // what tables call it, if x does not say it
};

enum class Drawn : std::uint8_t {
  marked,  // a mark at each point, joined by a line
  line,    // only a line
  steps,   // each value holds until the next: a cumulative distribution, or counts over time
  theory,  // thin and dashed, without marks
  hull,    // a mark at each point, and a line along those that are best for what they cost (hull.h)
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
  bool is_labelled_directly = true;  // at the curves' ends, where there is space; otherwise in a legend
  std::string description{};         // what the picture shows, for readers who cannot see it
};

// The values of one group in one row: a bar for one value, or several samples.
struct RowValues {
  std::vector<double> values{};
  std::string note{};  // beside a bar
};

struct Row {
  std::string label{};
  std::vector<RowValues> groups{};  // one per group of the figure
};

struct RowFigure {
  std::string title{};
  Axis value{};
  std::string row_title{};  // heading of the row labels; empty: none
  std::vector<std::string> groups{};
  std::vector<Row> rows{};
  bool has_bars = true;  // otherwise all values, with a box for the quartiles and the median
  std::string description{};
};

// Values that are not finite, or not positive on a logarithmic axis, are not drawn. Throws std::invalid_argument with
// the reason if nothing is left or there is too much.
Picture picture_of(const CurveFigure& figure, const Look& look = {});
Picture picture_of(const RowFigure& figure, const Look& look = {});

}  // namespace peerbed::analysis
