#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <stdexcept>

#include "analysis/statistics/formula.h"
#include "app/cli/options.h"
#include "app/plot/plot_figures.h"
#include "app/sweep/sweep_report.h"
#include "scenarios/text/field.h"
#include "scenarios/text/units.h"

namespace peerbed::app {
namespace {

using analysis::CurveFigure;
using analysis::Drawn;
using analysis::Series;

constexpr double nanoseconds = 1e9;  // per second
constexpr std::size_t formula_points = 200;

struct Quantity {
  double value = 0;
  Unit unit = Unit::none;
};

// Parses a parameter's value as a number: 8, 10min, 64MiB or 5%.
std::optional<Quantity> quantity_of(const std::string& text) {
  if (const auto number = scenarios::parse_number(text)) return Quantity{*number, Unit::none};
  if (const auto duration = scenarios::parse_duration(text))
    return Quantity{static_cast<double>(duration->count()), Unit::nanoseconds};
  if (const auto size = scenarios::parse_size(text)) return Quantity{static_cast<double>(*size), Unit::bytes};
  if (const auto share = scenarios::parse_probability(text)) return Quantity{*share, Unit::flag};
  return std::nullopt;
}

// The parameters of one point of a folder, by name.
using Setting = std::map<std::string, std::string>;

Setting setting_of(const ResultFolder& folder, std::size_t point) {
  if (folder.is_run) return folder.parameters;
  Setting setting;
  for (std::size_t i = 0; i < folder.results.header().parameters.size(); ++i)
    setting[folder.results.header().parameters[i]] = folder.results.points()[point][i];
  return setting;
}

// All values of each parameter, over all folders.
std::map<std::string, std::set<std::string>> values_by_parameter(const std::vector<PlotSource>& sources) {
  std::map<std::string, std::set<std::string>> values;
  for (const PlotSource& source : sources)
    for (std::size_t point = 0; point < source.folder.results.points().size(); ++point)
      for (const auto& [name, value] : setting_of(source.folder, point)) values[name].insert(value);
  return values;
}

std::string parameter_along_x(const PlotRequest& request) {
  const auto values = values_by_parameter(request.sources);
  std::vector<std::string> all;
  std::vector<std::string> varying;
  for (const auto& [name, each] : values) {
    all.push_back(name);
    if (each.size() > 1 && quantity_of(*each.begin())) varying.push_back(name);
  }
  if (request.x && values.count(*request.x) != 0) return *request.x;
  if (request.x)
    throw UsageError("unknown parameter '" + *request.x + "'; these folders have " +
                     (all.empty() ? "none" : scenarios::joined_words(all)));
  if (varying.size() == 1) return varying.front();
  if (varying.empty())
    throw UsageError("a curve needs a parameter with several values; sweep with --param, or draw 'samples'");
  throw UsageError("several parameters could be on the x axis; choose one with --x: " +
                   scenarios::joined_words(varying));
}

// The values of runs at each position along the axis, by seed or else in sequence.
struct Curve {
  std::string label;
  std::map<double, std::vector<double>> values;
};

class CurveMaker {
 public:
  explicit CurveMaker(const PlotRequest& request) : request_(request), x_(parameter_along_x(request)) {
    const std::vector<std::string> known = metrics_of(request.sources);
    metric_ = chosen_metric(request, known);
    unit_ = unit_of_metric(request.sources, metric_);
    for (const auto& [name, values] : values_by_parameter(request.sources))
      if (name != x_ && values.size() > 1) others_.push_back(name);
  }

  CurveFigure figure() {
    CurveFigure figure;
    std::vector<std::string> labels;
    for (const Curve& curve : curves_of(metric_)) {
      figure.series.push_back(transformed(series_of(curve)));
      labels.push_back(curve.label);
    }
    if (labels.empty()) throw UsageError("no run has both '" + metric_ + "' and '" + x_ + "'; choose others");
    figure.x = {request_.x_title.value_or(x_), x_, x_unit_, request_.has_log_x, {}};
    if (request_.transform) unit_ = Unit::none;
    figure.y = {request_.y_title.value_or(title_of_metric(metric_)),
                request_.transform ? "" : metric_,
                unit_,
                request_.has_log_y,
                {}};
    const std::size_t measured = figure.series.size();
    for (const std::string& theory : request_.theories) {
      Series line = theory_of(theory, figure);
      figure.series.push_back(std::move(line));
    }
    figure.description = metric_ + " against " + x_ + " of " + scenarios::joined_words(labels) +
                         ": means with 95 % intervals" + (figure.series.size() > measured ? ", and theory." : ".");
    return figure;
  }

 private:
  // In order of appearance. Folders with the same label share a curve.
  std::vector<Curve> curves_of(const std::string& metric) {
    std::vector<Curve> curves;
    for (const PlotSource& source : request_.sources) {
      const analysis::SweepResults& results = source.folder.results;
      const auto found = results.metrics().find(metric);
      if (found == results.metrics().end()) continue;
      for (std::size_t point = 0; point < results.points().size(); ++point) {
        const std::vector<double> samples = analysis::values_of(found->second.by_point[point]);
        const Setting setting = setting_of(source.folder, point);
        const auto along = setting.find(x_);
        if (samples.empty() || along == setting.end()) continue;
        const Quantity x = x_value(along->second);
        std::vector<double>& values = curve_named(curves, label_of(source, setting)).values[x.value];
        values.insert(values.end(), samples.begin(), samples.end());
      }
    }
    return curves;
  }

  Quantity x_value(const std::string& text) {
    const auto value = quantity_of(text);
    if (!value)
      throw UsageError("the parameter '" + x_ + "' has the value '" + text +
                       "', which is not a number; choose another with --x, or draw 'samples'");
    x_unit_ = value->unit;
    return *value;
  }

  // The source's label, and the values of the other parameters that differ.
  std::string label_of(const PlotSource& source, const Setting& setting) const {
    std::string rest;
    if (!source.folder.is_run)
      for (const std::string& name : others_)
        if (const auto found = setting.find(name); found != setting.end())
          rest += (rest.empty() ? "" : ", ") + name + "=" + found->second;
    if (rest.empty()) return source.label;
    return request_.sources.size() > 1 ? source.label + ", " + rest : rest;
  }

  static Curve& curve_named(std::vector<Curve>& curves, const std::string& label) {
    for (Curve& curve : curves)
      if (curve.label == label) return curve;
    return curves.emplace_back(Curve{label, {}});
  }

  static Series series_of(const Curve& curve) {
    Series series{curve.label, {}, Drawn::marked};
    for (const auto& [x, values] : curve.values) {
      analysis::Point point{x, analysis::mean(values), {}};
      if (values.size() > 1) point.interval = analysis::mean_interval(values);
      series.points.push_back(point);
    }
    return series;
  }

  // Formulas use seconds, not nanoseconds.
  static double size_of(Unit unit) noexcept { return unit == Unit::nanoseconds ? nanoseconds : 1; }

  Series transformed(Series series) const {
    if (!request_.transform) return series;
    try {
      const analysis::Formula formula(*request_.transform);
      for (analysis::Point& point : series.points) {
        const auto value = [&](double y) { return formula.at(point.x / size_of(x_unit_), y / size_of(unit_)); };
        point.y = value(point.y);
        if (!point.interval) continue;
        const auto [low, high] = std::minmax({value(point.interval->low), value(point.interval->high)});
        point.interval = analysis::Interval{low, high};
      }
    } catch (const std::invalid_argument& error) {
      throw UsageError("'--transform " + *request_.transform + "': " + error.what());
    }
    return series;
  }

  // A metric that the runs have, or a formula of x, optionally preceded by a label and '='.
  Series theory_of(const std::string& text, const CurveFigure& figure) {
    const std::size_t sign = text.find('=');
    const std::string what = sign == std::string::npos ? text : text.substr(sign + 1);
    const std::string label = sign == std::string::npos ? text : text.substr(0, sign);
    const std::vector<std::string> known = metrics_of(request_.sources);
    if (!std::binary_search(known.begin(), known.end(), what)) return formula_line(label, what, figure);
    const std::vector<Curve> curves = curves_of(what);
    if (curves.empty()) throw UsageError("'--theory " + text + "': no run has both '" + what + "' and '" + x_ + "'");
    Series line = series_of(curves.front());
    for (analysis::Point& point : line.points) point.interval.reset();
    line.label = label;
    line.drawn = Drawn::theory;
    return line;
  }

  Series formula_line(const std::string& label, const std::string& text, const CurveFigure& figure) const {
    Series line{label, {}, Drawn::theory};
    try {
      const analysis::Formula formula(text);
      if (formula.has_y()) throw std::invalid_argument("a theory cannot use y");
      const auto [low, high] = range_of(figure);
      for (std::size_t i = 0; i <= formula_points; ++i) {
        const double part = static_cast<double>(i) / static_cast<double>(formula_points);
        const double x = request_.has_log_x && low > 0 ? low * std::pow(high / low, part) : low + part * (high - low);
        line.points.push_back({x, formula.at(x / size_of(x_unit_)) * size_of(unit_), {}});
      }
    } catch (const std::invalid_argument& error) {
      throw UsageError("'--theory " + text + "' is not a metric of these folders, and " + error.what());
    }
    return line;
  }

  static std::pair<double, double> range_of(const CurveFigure& figure) {
    double low = figure.series.front().points.front().x;
    double high = low;
    for (const Series& series : figure.series) {
      low = std::min(low, series.points.front().x);
      high = std::max(high, series.points.back().x);
    }
    return {low, high};
  }

  const PlotRequest& request_;
  std::string x_;
  Unit x_unit_ = Unit::none;
  std::string metric_;
  Unit unit_ = Unit::none;
  std::vector<std::string> others_;  // parameters that distinguish curves
};

}  // namespace

CurveFigure curve_figure(const PlotRequest& request) { return CurveMaker(request).figure(); }

}  // namespace peerbed::app
