#include <algorithm>

#include "app/cli/options.h"
#include "app/plot/plot_figures.h"
#include "app/sweep/sweep_report.h"
#include "scenarios/text/field.h"

namespace peerbed::app {
namespace {

using analysis::CurveFigure;
using analysis::Point;
using analysis::Series;

std::vector<double> samples_of(const analysis::SweepResults& results, const std::string& metric, std::size_t point) {
  const auto found = results.metrics().find(metric);
  if (found == results.metrics().end()) return {};
  return analysis::values_of(found->second.by_point[point]);
}

std::string cost_of(const PlotRequest& request, const std::vector<std::string>& known) {
  if (!request.x) throw UsageError("the figure 'cost' needs the metric that is the cost, on the x axis: --x METRIC");
  PlotRequest on_x = request;
  on_x.metric = request.x;
  return chosen_metric(on_x, known);
}

}  // namespace

CurveFigure cost_figure(const PlotRequest& request) {
  const std::vector<std::string> known = metrics_of(request.sources);
  const std::string cost = cost_of(request, known);
  const std::string metric = chosen_metric(request, known);
  CurveFigure figure;
  figure.x = {request.x_title.value_or(cost), cost, unit_of_metric(request.sources, cost), request.has_log_x, {}};
  figure.y = {request.y_title.value_or(title_of_metric(metric)),
              metric,
              unit_of_metric(request.sources, metric),
              request.has_log_y,
              {}};
  std::vector<std::string> labels;
  for (const PlotSource& source : request.sources) {
    const analysis::SweepResults& results = source.folder.results;
    auto series = std::find_if(figure.series.begin(), figure.series.end(),
                               [&](const Series& each) { return each.label == source.label; });
    if (series == figure.series.end()) {
      labels.push_back(source.label);
      series = figure.series.insert(series, {source.label, {}, analysis::Drawn::hull});
    }
    for (std::size_t i = 0; i < results.points().size(); ++i) {
      const std::vector<double> costs = samples_of(results, cost, i);
      const std::vector<double> values = samples_of(results, metric, i);
      if (costs.empty() || values.empty()) continue;
      Point point{analysis::mean(costs), analysis::mean(values), {}};
      if (values.size() > 1) point.interval = analysis::mean_interval(values);
      point.label = point_text(results.header().parameters, results.points()[i]);
      series->points.push_back(point);
    }
    std::sort(series->points.begin(), series->points.end(),
              [](const Point& one, const Point& other) { return std::tie(one.x, one.y) < std::tie(other.x, other.y); });
  }
  figure.description = metric + " against " + cost + " of " + scenarios::joined_words(labels) +
                       ": a mark for each setting, and a line along the best ones.";
  return figure;
}

}  // namespace peerbed::app
