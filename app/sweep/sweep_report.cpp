#include "app/sweep/sweep_report.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>

#include "analysis/results/json_document.h"
#include "analysis/results/pattern.h"
#include "analysis/statistics/metric_words.h"
#include "app/cli/options.h"
#include "scenarios/run/property_checker.h"
#include "scenarios/text/field.h"

namespace peerbed::app {
namespace {

using analysis::Align;
using analysis::Interval;
using analysis::PointStatistics;

void add_once(std::vector<std::string>& names, const std::string& name) {
  if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
}

// Formats with enough decimals for three digits.
std::string three_digits(double value) {
  const double size = std::fabs(value);
  const int decimals = size >= 100 ? 0 : size >= 10 ? 1 : 2;
  std::array<char, 64> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed, decimals).ptr;
  return {text.data(), end};
}

std::string signed_text(double value, const std::string& text) { return (value > 0 ? "+" : "") + text; }

std::string interval_text(const PointStatistics& of, Unit unit) {
  if (of.summary.count < 2) return "";
  return metric_text(of.interval.low, unit) + " to " + metric_text(of.interval.high, unit);
}

std::string title_of(const std::string& name, Better better) {
  if (better == Better::neither) return name;
  return name + (better == Better::less ? " (lower is better)" : " (higher is better)");
}

void print_metric(std::ostream& out, const analysis::SweepResults& results, const std::string& name,
                  const analysis::Style& style) {
  const analysis::MetricSamples& metric = results.metrics().at(name);
  const auto& parameters = results.header().parameters;
  const bool has_changes = results.points().size() > 1;
  std::vector<analysis::Table::Column> columns;
  for (const std::string& parameter : parameters) columns.push_back({parameter, Align::right});
  for (const char* title : {"runs", "mean", "95 % interval", "median", "p10", "p90"})
    columns.push_back({title, Align::right});
  if (has_changes) columns.push_back({"change vs " + point_text(parameters, results.points().front()), Align::left});
  analysis::Table table(columns);
  const std::vector<PointStatistics> all = analysis::statistics_of(metric);
  for (std::size_t point = 0; point < all.size(); ++point) {
    const PointStatistics& of = all[point];
    if (of.summary.count == 0) continue;
    std::vector<std::string> cells = results.points()[point];
    cells.push_back(std::to_string(of.summary.count));
    cells.push_back(metric_text(of.summary.mean, metric.unit));
    cells.push_back(interval_text(of, metric.unit));
    for (const double value : {of.summary.median, of.summary.p10, of.summary.p90})
      cells.push_back(metric_text(value, metric.unit));
    if (of.change) cells.push_back(change_text(*of.change, metric.unit));
    table.add(cells);
  }
  out << '\n' << style.bold(title_of(name, metric.better)) << '\n';
  table.print(out, style);
}

}  // namespace

std::string metric_text(double value, Unit unit) {
  if (value < 0) return "-" + metric_text(-value, unit);
  return scenarios::show_metric({value, unit});
}

std::string percent_text(double share) { return signed_text(share, three_digits(share * 100) + "%"); }

std::string change_text(const analysis::Change& change, Unit unit) {
  if (!change.has_relative()) {
    const auto in_unit = [unit](double value) { return signed_text(value, metric_text(value, unit)); };
    return in_unit(change.difference) + " (" + in_unit(change.interval.low) + " to " + in_unit(change.interval.high) +
           ")";
  }
  return percent_text(change.relative(change.difference)) + " (" + percent_text(change.relative(change.interval.low)) +
         " to " + percent_text(change.relative(change.interval.high)) + ")";
}

std::string point_text(const std::vector<std::string>& parameters, const std::vector<std::string>& values) {
  std::string text;
  for (std::size_t i = 0; i < parameters.size(); ++i) text += (i == 0 ? "" : ", ") + parameters[i] + "=" + values[i];
  return text;
}

std::vector<std::string> chosen_metrics(const analysis::SweepResults& results, const std::vector<std::string>& wanted) {
  std::vector<std::string> chosen;
  std::vector<std::string> known;
  for (const auto& [name, metric] : results.metrics()) known.push_back(name);
  for (const std::string& pattern : wanted) {
    const std::size_t before = chosen.size();
    bool found = false;
    for (const std::string& name : known) {
      if (!analysis::matches_pattern(pattern, name)) continue;
      found = true;
      add_once(chosen, name);
    }
    if (found || before != chosen.size()) continue;
    const std::string nearest = scenarios::nearest_word(pattern, known);
    throw UsageError(
        "unknown metric '" + pattern + "'; " +
        (nearest.empty() ? "`peerbed run SCENARIO --json` shows all metrics" : "did you mean '" + nearest + "'?"));
  }
  return chosen;
}

std::vector<std::string> telling_metrics(const analysis::SweepResults& results,
                                         const std::vector<std::string>& expected,
                                         const std::vector<std::string>& findings) {
  std::vector<std::string> telling;
  const auto add = [&](const std::string& name, bool even_if_neither) {
    const auto found = results.metrics().find(name);
    if (found == results.metrics().end() || is_constant(found->second)) return;
    if (even_if_neither || found->second.better != Better::neither) add_once(telling, name);
  };
  for (const std::string& name : expected) add(name, true);
  for (const std::string& name : findings) add(name, false);
  return telling;
}

void print_statistics(std::ostream& out, const analysis::SweepResults& results, const std::vector<std::string>& metrics,
                      const analysis::Style& style) {
  for (const std::string& name : metrics) print_metric(out, results, name, style);
}

std::string statistics_json(const analysis::SweepResults& results, const std::vector<std::string>& metrics) {
  analysis::Json json;
  json["scenario"] = results.header().scenario;
  json["scenario_digest"] = results.header().scenario_digest;
  json["points"] = analysis::Json::array();
  for (const auto& values : results.points()) {
    analysis::Json point;
    point["parameters"] = analysis::Json::object();
    for (std::size_t i = 0; i < values.size(); ++i) point["parameters"][results.header().parameters[i]] = values[i];
    point["metrics"] = analysis::Json::object();
    json["points"].push_back(point);
  }
  for (const std::string& name : metrics) {
    const analysis::MetricSamples& metric = results.metrics().at(name);
    const std::vector<PointStatistics> all = analysis::statistics_of(metric);
    for (std::size_t point = 0; point < all.size(); ++point) {
      const PointStatistics& of = all[point];
      if (of.summary.count == 0) continue;
      analysis::Json& into = json["points"][point]["metrics"][name];
      into = {{"unit", analysis::word_of(metric.unit)},
              {"runs", of.summary.count},
              {"mean", of.summary.mean},
              {"mean_low", of.interval.low},
              {"mean_high", of.interval.high},
              {"deviation", of.summary.deviation},
              {"minimum", of.summary.minimum},
              {"p10", of.summary.p10},
              {"median", of.summary.median},
              {"p90", of.summary.p90},
              {"maximum", of.summary.maximum}};
    }
  }
  return analysis::json_page(json);
}

}  // namespace peerbed::app
