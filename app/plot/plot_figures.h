#pragma once
// The figures that `peerbed plot` draws from run and sweep folders.

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "analysis/plot/figure.h"
#include "analysis/plot/figure_history.h"
#include "app/sweep/result_folder.h"

namespace peerbed::app {

// A folder, and the label of its series in the figure.
struct PlotSource {
  std::string label;
  ResultFolder folder;
};

struct PlotRequest {
  std::vector<PlotSource> sources{};  // at least one
  std::string figure{};
  std::optional<std::string> metric{};
  std::vector<std::string> others{};       // metrics drawn in the same figure, if there are several
  std::optional<std::string> x{};          // the parameter along a curve's axis, or the metric that is a cost
  std::optional<std::string> transform{};  // a formula of x and y, drawn instead of y
  bool has_log_x = false;
  bool has_log_y = false;
  std::optional<std::string> x_range{};  // LOW..HIGH
  std::optional<std::string> y_range{};
  std::vector<std::string> theories{};  // metrics or formulas of x, each as LABEL=WHAT or WHAT
  std::optional<std::string> title{};
  std::optional<std::string> x_title{};
  std::optional<std::string> y_title{};
};

using Figure = std::variant<analysis::CurveFigure, analysis::RowFigure, analysis::HistoryFigure>;

// Throws UsageError, naming the available ones, if there is no such figure or metric.
Figure figure_of(const PlotRequest& request);

// A figure that these folders allow.
struct AvailableFigure {
  std::string name;
  std::string summary;
  std::vector<std::string> metrics;  // for --metric; empty if none is needed
};
std::vector<AvailableFigure> available_figures(const std::vector<PlotSource>& sources);

// The requested metric or quantity, or the only one there is. Throws UsageError, which names the available ones or the
// nearest name.
std::string chosen_metric(const PlotRequest& request, const std::vector<std::string>& known);
// All metrics of the folders, sorted.
std::vector<std::string> metrics_of(const std::vector<PlotSource>& sources);
Unit unit_of_metric(const std::vector<PlotSource>& sources, const std::string& metric);
// "download" for download_seconds, whose unit is on the axis; other names unchanged.
std::string title_of_metric(const std::string& metric);

// Means with intervals over the values of a parameter, with a curve for each label and combination of the other
// parameters.
analysis::CurveFigure curve_figure(const PlotRequest& request);

// Means of a metric over those of another that is the cost, a mark for each combination of parameters, and for each
// label a line along the best ones.
analysis::CurveFigure cost_figure(const PlotRequest& request);

}  // namespace peerbed::app
