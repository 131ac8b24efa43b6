#include "app/plot/plot_figures.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "analysis/history/history_json.h"
#include "analysis/plot/scale.h"
#include "analysis/results/json_document.h"
#include "analysis/statistics/metric_words.h"
#include "app/cli/options.h"
#include "app/cli/whole_file.h"
#include "app/sweep/sweep_report.h"
#include "scenarios/text/field.h"
#include "scenarios/text/units.h"

namespace peerbed::app {
namespace {

using analysis::CurveFigure;
using analysis::Drawn;
using analysis::RowFigure;

constexpr std::size_t names_told = 12;

// One point in one folder: a run, or the runs of a sweep with the same parameters.
struct PointOfFolder {
  std::string label;
  const analysis::SweepResults* results = nullptr;
  std::size_t index = 0;

  std::vector<double> samples(const std::string& metric) const {
    const auto found = results->metrics().find(metric);
    if (found == results->metrics().end()) return {};
    return analysis::values_of(found->second.by_point[index]);
  }
};

std::vector<PointOfFolder> points_of(const std::vector<PlotSource>& sources) {
  std::vector<PointOfFolder> all;
  for (const PlotSource& source : sources) {
    const analysis::SweepResults& results = source.folder.results;
    for (std::size_t i = 0; i < results.points().size(); ++i) {
      const std::string point = point_text(results.header().parameters, results.points()[i]);
      const bool tells_folder = sources.size() > 1 || point.empty();
      all.push_back({point.empty() ? source.label : tells_folder ? source.label + ", " + point : point, &results, i});
    }
  }
  return all;
}

// "20.7%"
std::string share_text(double share) { return analysis::tick_text(std::round(share * 1000) / 10) + "%"; }

std::vector<std::string> sorted(const std::set<std::string>& names) { return {names.begin(), names.end()}; }

// Distributions

std::vector<std::string> quantities_of(const std::vector<PlotSource>& sources) {
  std::set<std::string> names;
  for (const PlotSource& source : sources)
    for (const analysis::Distributions& at_point : source.folder.results.distributions())
      for (const auto& [name, bars] : at_point) names.insert(name);
  return sorted(names);
}

Unit unit_of_quantity(const std::vector<PlotSource>& sources, const std::string& quantity) {
  const Unit unit = unit_of_metric(sources, quantity + ".max");
  return unit == Unit::count ? Unit::none : unit;
}

analysis::Series cumulative(const std::string& label, const std::vector<analysis::Bar>& bars) {
  analysis::Series series{label, {}, Drawn::steps};
  double all = 0;
  for (const analysis::Bar& bar : bars) all += static_cast<double>(bar.count);
  double below = 0;
  for (const analysis::Bar& bar : bars) {
    const auto value = static_cast<double>(bar.at_most);
    if (series.points.empty()) series.points.push_back({value, 0, {}});
    below += static_cast<double>(bar.count);
    series.points.push_back({value, below / all, {}});
  }
  return series;
}

CurveFigure distribution_figure(const PlotRequest& request) {
  const std::string quantity = chosen_metric(request, quantities_of(request.sources));
  CurveFigure figure;
  figure.x = {request.x_title.value_or(quantity), quantity, unit_of_quantity(request.sources, quantity),
              request.has_log_x};
  figure.y = {request.y_title.value_or("share of values up to x"), "", Unit::flag, request.has_log_y};
  figure.is_labelled_directly = false;  // all curves end at the same height
  std::vector<std::string> labels;
  for (const PointOfFolder& point : points_of(request.sources)) {
    const analysis::Distributions& all = point.results->distributions()[point.index];
    if (const auto found = all.find(quantity); found != all.end()) {
      figure.series.push_back(cumulative(point.label, found->second));
      labels.push_back(point.label);
    }
  }
  figure.description = "The cumulative distribution of " + quantity + " of " + scenarios::joined_words(labels) + ".";
  return figure;
}

// Messages

// The kinds of messages that any folder counts: message.KIND.count.
std::vector<std::string> kinds_of(const std::vector<PlotSource>& sources) {
  constexpr std::string_view begin = "message.";
  constexpr std::string_view end = ".count";
  std::vector<std::string> kinds;
  for (const std::string& name : metrics_of(sources))
    if (name.starts_with(begin) && name.ends_with(end))
      kinds.push_back(name.substr(begin.size(), name.size() - begin.size() - end.size()));
  return kinds;
}

RowFigure messages_figure(const PlotRequest& request) {
  RowFigure figure;
  const std::vector<PointOfFolder> points = points_of(request.sources);
  figure.value = {request.x_title.value_or("messages sent"), "", Unit::count, request.has_log_x};
  std::vector<double> all(points.size());
  for (const PointOfFolder& point : points) figure.groups.push_back(point.label);
  for (const std::string& kind : kinds_of(request.sources)) {
    analysis::Row row{kind, {}};
    for (std::size_t i = 0; i < points.size(); ++i) {
      const std::vector<double> samples = points[i].samples("message." + kind + ".count");
      const double mean = analysis::mean(samples);
      row.groups.push_back({samples.empty() ? std::vector<double>{} : std::vector<double>{mean}, ""});
      all[i] += mean;
    }
    figure.rows.push_back(row);
  }
  std::stable_sort(figure.rows.begin(), figure.rows.end(), [](const analysis::Row& a, const analysis::Row& b) {
    const auto first = [](const analysis::Row& row) { return analysis::mean(row.groups.front().values); };
    return first(a) > first(b);
  });
  for (analysis::Row& row : figure.rows)
    for (std::size_t i = 0; i < points.size(); ++i)
      if (!row.groups[i].values.empty() && all[i] > 0) {
        const double count = row.groups[i].values.front();
        row.groups[i].note =
            scenarios::show_count(static_cast<std::uint64_t>(std::llround(count))) + ", " + share_text(count / all[i]);
      }
  figure.description = "Messages by kind of " + scenarios::joined_words(figure.groups) + ".";
  return figure;
}

// Metrics over time

struct TimelineColumn {
  std::string unit;
  std::vector<analysis::Point> points;  // nanoseconds, value
};

std::string timeline_of(const PlotSource& source) { return source.folder.path + "/timeline.csv"; }

bool has_timeline(const PlotSource& source) {
  std::error_code error;
  return source.folder.is_run && std::filesystem::exists(timeline_of(source), error);
}

std::map<std::string, TimelineColumn> read_timeline_of(const PlotSource& source) {
  std::map<std::string, TimelineColumn> columns;
  read_csv(timeline_of(source), 4, [&columns](const std::vector<std::string>& fields) {
    const auto seconds = analysis::exact_number(fields[0]);
    const auto value = analysis::exact_number(fields[2]);
    if (!seconds || !value) return;
    TimelineColumn& column = columns[fields[1]];
    column.unit = fields[3];
    column.points.push_back({*seconds * 1e9, *value, {}});
  });
  return columns;
}

std::vector<std::string> timeline_metrics(const std::vector<PlotSource>& sources) {
  std::set<std::string> names;
  for (const PlotSource& source : sources)
    if (has_timeline(source))
      for (const auto& [name, column] : read_timeline_of(source)) names.insert(name);
  return sorted(names);
}

// A count belongs to an interval as a whole, the last one included.
void hold_counts(analysis::Series& series) {
  series.drawn = Drawn::steps;
  const auto count = series.points.size();
  if (count < 2) return;
  const double interval = series.points[count - 1].x - series.points[count - 2].x;
  series.points.push_back({series.points.back().x + interval, series.points.back().y, {}});
}

CurveFigure timeline_figure(const PlotRequest& request) {
  const std::string metric = chosen_metric(request, timeline_metrics(request.sources));
  CurveFigure figure;
  figure.x = {request.x_title.value_or("time"), "", Unit::nanoseconds, request.has_log_x};
  figure.y = {request.y_title.value_or(metric), metric, Unit::none, request.has_log_y};
  std::vector<std::string> labels;
  for (const PlotSource& source : request.sources) {
    if (!has_timeline(source)) continue;
    const auto columns = read_timeline_of(source);
    const auto found = columns.find(metric);
    if (found == columns.end()) continue;
    constexpr std::string_view per_second = "/s";
    const bool is_rate = found->second.unit.ends_with(per_second);
    figure.y.unit = analysis::unit_of(found->second.unit.substr(0, found->second.unit.size() - (is_rate ? 2 : 0)));
    if (is_rate) figure.y.suffix = per_second;
    figure.series.push_back({source.label, found->second.points, Drawn::line});
    if (found->second.unit == analysis::word_of(Unit::count)) hold_counts(figure.series.back());
    labels.push_back(source.label);
  }
  figure.description = metric + " over time, of " + scenarios::joined_words(labels) + ".";
  return figure;
}

// Histories

std::optional<analysis::WorstKey> worst_key_of(const PlotSource& source) {
  const std::string file = source.folder.path + "/chronicle.json";
  std::error_code error;
  if (!source.folder.is_run || !std::filesystem::exists(file, error)) return std::nullopt;
  const auto json =
      analysis::Json::parse(read_whole(file, "run the scenario again with --out", most_file_bytes), nullptr, false);
  if (!json.is_object() || !json.contains("history")) return std::nullopt;
  return analysis::read_worst_key(json["history"]);
}

bool has_history(const std::vector<PlotSource>& sources) {
  return sources.size() == 1 && worst_key_of(sources.front());
}

analysis::HistoryFigure history_figure(const PlotRequest& request) {
  const auto key = worst_key_of(request.sources.front());
  analysis::HistoryFigure figure{.title = {}, .key = key.value(), .description = {}};
  figure.description = "Puts and gets of key " + std::to_string(key->key) + ", whose history is " +
                       std::string(word_of(key->level)) + (key->why.empty() ? "." : ": " + key->why + ".");
  return figure;
}

// Samples

RowFigure samples_figure(const PlotRequest& request) {
  const std::string metric = chosen_metric(request, metrics_of(request.sources));
  RowFigure figure;
  figure.has_bars = false;
  figure.value = {request.x_title.value_or(title_of_metric(metric)), metric, unit_of_metric(request.sources, metric),
                  request.has_log_x};
  for (const PlotSource& source : request.sources) figure.groups.push_back(source.label);
  // Points of the same name share a row, so that folders can be compared side by side.
  for (std::size_t i = 0; i < request.sources.size(); ++i) {
    const analysis::SweepResults& results = request.sources[i].folder.results;
    const auto found = results.metrics().find(metric);
    for (std::size_t point = 0; point < results.points().size() && found != results.metrics().end(); ++point) {
      const std::string label = point_text(results.header().parameters, results.points()[point]);
      auto row = std::find_if(figure.rows.begin(), figure.rows.end(),
                              [&label](const analysis::Row& each) { return each.label == label; });
      if (row == figure.rows.end())
        row = figure.rows.insert(figure.rows.end(), {label, std::vector<analysis::RowValues>(request.sources.size())});
      row->groups[i].values = analysis::values_of(found->second.by_point[point]);
    }
  }
  figure.description =
      metric + " of each run: all values, with a box between the quartiles and a stroke at the median.";
  return figure;
}

// Several metrics in one figure

// What all names begin with, up to a dot.
std::string common_beginning(const std::vector<std::string>& names) {
  std::string common = names.front();
  for (const std::string& name : names) {
    const auto end = std::mismatch(common.begin(), common.end(), name.begin(), name.end()).first;
    common.resize(static_cast<std::size_t>(end - common.begin()));
  }
  const std::size_t dot = common.rfind('.');
  return dot == std::string::npos ? "" : common.substr(0, dot);
}

Figure figure_of_several(const PlotRequest& request, const std::function<Figure(const PlotRequest&)>& make) {
  std::vector<std::string> names{*request.metric};
  names.insert(names.end(), request.others.begin(), request.others.end());
  const std::string common = common_beginning(names);
  std::optional<CurveFigure> all;
  for (const std::string& name : names) {
    PlotRequest one = request;
    one.metric = name;
    one.others.clear();
    if (all) one.theories.clear();
    Figure made = make(one);
    auto* figure = std::get_if<CurveFigure>(&made);
    if (figure == nullptr) throw UsageError("the figure '" + request.figure + "' shows one metric; give --metric once");
    const std::string own = common.empty() ? name : name.substr(common.size() + 1);
    for (analysis::Series& series : figure->series)
      if (series.drawn != Drawn::theory) series.label = request.sources.size() > 1 ? series.label + ", " + own : own;
    if (!all) {
      all = std::move(*figure);
      if (!request.y_title) all->y.title = common.empty() ? "value" : common;
      continue;
    }
    if (figure->y.unit != all->y.unit || figure->y.suffix != all->y.suffix)
      throw UsageError("'" + name + "' and '" + names.front() + "' have different units; draw them in two figures");
    const auto theories = std::find_if(all->series.begin(), all->series.end(),
                                       [](const analysis::Series& series) { return series.drawn == Drawn::theory; });
    all->series.insert(theories, figure->series.begin(), figure->series.end());
    all->description += " " + figure->description;
  }
  return *std::move(all);
}

// Limits of axes

// A number as in formulas, or with a unit: 8, 10ms, 64MiB, 5%. In the axis's unit.
std::optional<double> limit_in(const std::string& text, Unit unit) {
  if (const auto number = scenarios::parse_number(text)) return unit == Unit::nanoseconds ? *number * 1e9 : *number;
  if (unit == Unit::nanoseconds)
    if (const auto duration = scenarios::parse_duration(text)) return static_cast<double>(duration->count());
  if (unit == Unit::bytes)
    if (const auto size = scenarios::parse_size(text)) return static_cast<double>(*size);
  if (unit == Unit::flag)
    if (const auto share = scenarios::parse_probability(text)) return *share;
  return std::nullopt;
}

void limit_axis(analysis::Axis& axis, const std::optional<std::string>& range, const std::string& option) {
  if (!range) return;
  const std::size_t dots = range->find("..");
  const auto low = dots == std::string::npos ? std::nullopt : limit_in(range->substr(0, dots), axis.unit);
  const auto high = dots == std::string::npos ? std::nullopt : limit_in(range->substr(dots + 2), axis.unit);
  if (!low || !high || *low >= *high)
    throw UsageError("'--" + option + " " + *range + "' is not a range of this axis; write LOW..HIGH, such as " +
                     (axis.unit == Unit::nanoseconds ? "0..500ms"
                      : axis.unit == Unit::flag      ? "0%..50%"
                                                     : "0..100"));
  axis.limits = {*low, *high};
}

void limit_axes(Figure& figure, const PlotRequest& request) {
  if (!request.x_range && !request.y_range) return;
  auto* curves = std::get_if<CurveFigure>(&figure);
  if (curves == nullptr)
    throw UsageError("--x-range and --y-range apply only to the figures cost, curve, distribution and timeline");
  limit_axis(curves->x, request.x_range, "x-range");
  limit_axis(curves->y, request.y_range, "y-range");
}

void set_title(Figure& figure, const PlotRequest& request) {
  if (request.title) std::visit([&request](auto& each) { each.title = *request.title; }, figure);
}

}  // namespace

std::string chosen_metric(const PlotRequest& request, const std::vector<std::string>& known) {
  const std::string where = known.empty()                ? "none in these folders"
                            : known.size() <= names_told ? scenarios::joined_words(known)
                                                         : std::to_string(known.size()) + "; see `--figure list`";
  if (!request.metric) {
    if (known.size() == 1) return known.front();
    throw UsageError("the figure '" + request.figure + "' needs a --metric; available are " + where);
  }
  if (std::binary_search(known.begin(), known.end(), *request.metric)) return *request.metric;
  const std::string nearest = scenarios::nearest_word(*request.metric, known);
  throw UsageError("unknown metric '" + *request.metric + "' for the figure '" + request.figure + "'; " +
                   (nearest.empty() ? "available are " + where : "did you mean '" + nearest + "'?"));
}

std::vector<std::string> metrics_of(const std::vector<PlotSource>& sources) {
  std::set<std::string> names;
  for (const PlotSource& source : sources)
    for (const auto& [name, metric] : source.folder.results.metrics()) names.insert(name);
  return sorted(names);
}

Unit unit_of_metric(const std::vector<PlotSource>& sources, const std::string& metric) {
  for (const PlotSource& source : sources)
    if (const auto found = source.folder.results.metrics().find(metric); found != source.folder.results.metrics().end())
      return found->second.unit;
  return Unit::none;
}

std::string title_of_metric(const std::string& metric) {
  constexpr std::string_view seconds = "_seconds";
  return metric.ends_with(seconds) ? metric.substr(0, metric.size() - seconds.size()) : metric;
}

std::vector<AvailableFigure> available_figures(const std::vector<PlotSource>& sources) {
  std::vector<AvailableFigure> all;
  const auto add = [&all](const char* name, const char* summary, std::vector<std::string> metrics) {
    if (!metrics.empty()) all.push_back({name, summary, std::move(metrics)});
  };
  const std::vector<std::string> metrics = metrics_of(sources);
  add("curve", "means with 95 % intervals against a parameter", metrics);
  add("cost", "a metric against another that is its cost (--x), and the best settings", metrics);
  add("samples", "the value of every run, with quartiles", metrics);
  add("distribution", "cumulative distributions of the values that nodes report", quantities_of(sources));
  add("timeline", "a metric over time", timeline_metrics(sources));
  if (!kinds_of(sources).empty()) all.push_back({"messages", "messages by kind", {}});
  if (has_history(sources)) all.push_back({"history", "puts and gets of the key with the worst history", {}});
  return all;
}

Figure figure_of(const PlotRequest& request) {
  static const std::map<std::string, std::function<Figure(const PlotRequest&)>> makers{
      {"cost", cost_figure},        {"curve", curve_figure},       {"distribution", distribution_figure},
      {"history", history_figure},  {"messages", messages_figure}, {"samples", samples_figure},
      {"timeline", timeline_figure}};
  std::vector<std::string> names;
  for (const AvailableFigure& each : available_figures(request.sources)) names.push_back(each.name);
  const auto maker = makers.find(request.figure);
  if (maker == makers.end() || std::find(names.begin(), names.end(), request.figure) == names.end())
    throw UsageError("no figure '" + request.figure + "' for these folders; available are " +
                     scenarios::joined_words(names));
  Figure figure = request.others.empty() ? maker->second(request) : figure_of_several(request, maker->second);
  limit_axes(figure, request);
  set_title(figure, request);
  return figure;
}

}  // namespace peerbed::app
