// Reads one run of a report from the files in its folder.

#include <algorithm>
#include <array>
#include <cmath>
#include <ctime>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <sstream>

#include "analysis/results/json_document.h"
#include "analysis/results/link_table.h"
#include "analysis/results/timeline.h"
#include "analysis/statistics/metric_words.h"
#include "analysis/statistics/metrics.h"
#include "app/cli/settings.h"
#include "app/cli/whole_file.h"
#include "app/report/report_parts.h"
#include "app/run/run_folder.h"
#include "scenarios/text/units.h"

namespace peerbed::app {
namespace {

using analysis::Json;
using scenarios::FileError;

constexpr const char* remedy = "run the scenario again with --out";
constexpr std::size_t most_yaml = std::size_t{64} << 10;  // bytes of the scenario's text in a report
constexpr std::size_t most_rows = 300;                    // of one distribution
constexpr std::size_t most_intervals = 500;               // of a timeline, and of a link
constexpr std::size_t most_links = 100;

class RunReader {
 public:
  explicit RunReader(std::string folder) : folder_(std::move(folder)) {}

  const std::string& folder() const noexcept { return folder_; }
  std::string file(const char* name) const { return folder_ + "/" + name; }
  std::string text(const char* name) const { return read_whole(file(name), remedy, most_file_bytes); }
  Json object(const char* name) const {
    Json json = Json::parse(text(name), nullptr, false);
    if (!json.is_object()) throw broken(name);
    return json;
  }
  FileError broken(const char* name) const { return FileError(file(name) + ": is damaged; " + remedy); }
  // The fields of each line but the first.
  std::vector<std::vector<std::string>> table(const char* name, std::string_view header) const {
    std::vector<std::vector<std::string>> rows;
    std::istringstream lines(text(name));
    std::string line;
    if (!std::getline(lines, line) || line != header) throw broken(name);
    const auto columns = static_cast<std::size_t>(std::count(header.begin(), header.end(), ',')) + 1;
    while (std::getline(lines, line)) {
      std::vector<std::string> fields;
      std::istringstream words(line + ",");
      for (std::string field; std::getline(words, field, ',');) fields.push_back(field);
      if (fields.size() != columns) throw broken(name);
      rows.push_back(std::move(fields));
    }
    return rows;
  }

 private:
  std::string folder_;
};

// Copies the named values that exist.
void copy(const Json& from, std::initializer_list<const char*> keys, Json& to) {
  for (const char* key : keys)
    if (from.contains(key)) to[key] = from[key];
}

analysis::Metrics read_metrics(const RunReader& reader) {
  analysis::Metrics metrics;
  for (const auto& fields : reader.table("metrics.csv", "metric,value,unit,better")) {
    const auto value = analysis::exact_number(fields[1]);
    if (!value) throw reader.broken("metrics.csv");
    metrics.set(fields[0], analysis::Metric{*value, analysis::unit_of(fields[2]), analysis::better_of(fields[3])});
  }
  return metrics;
}

Json metrics_in_report(const analysis::Metrics& metrics) {
  Json all = Json::object();
  for (const auto& [name, metric] : metrics.all())
    all[name] = {analysis::json_number(metric.value), analysis::word_of(metric.unit), analysis::word_of(metric.better)};
  return all;
}

std::string_view better_of(const analysis::Metrics& metrics, const std::string& name) {
  const auto metric = metrics.find(name);
  return analysis::word_of(metric ? metric->better : Better::neither);
}

Json distributions_in_report(const RunReader& reader, const analysis::Metrics& metrics) {
  analysis::Distributions distributions;
  for (const auto& fields : reader.table("distributions.csv", "metric,at_most,count")) {
    const auto at_most = scenarios::parse_count(fields[1]);
    const auto count = scenarios::parse_count(fields[2]);
    if (!at_most || !count) throw reader.broken("distributions.csv");
    distributions[fields[0]].push_back({*at_most, *count});
  }
  Json all = Json::object();
  for (const auto& [name, bars] : distributions) {
    const auto mean = metrics.find(name + ".mean");
    Json& one = all[name];
    one["unit"] = analysis::word_of(mean ? mean->unit : Unit::none);
    one["better"] = better_of(metrics, name + ".mean");
    one["rows"] = rows_of(bars, most_rows);
    if (one["rows"].size() < bars.size())
      one["rows_thinned"] = {{"kept", one["rows"].size()}, {"of", bars.size()}, {"how", "neighbours taken together"}};
  }
  return all;
}

Json messages_in_report(const analysis::Metrics& metrics) {
  constexpr std::string_view prefix = "message.";
  constexpr std::string_view suffix = ".count";
  Json all = Json::array();
  for (const auto& [name, metric] : metrics.all()) {
    if (!name.starts_with(prefix) || !name.ends_with(suffix)) continue;
    const std::string kind = name.substr(prefix.size(), name.size() - prefix.size() - suffix.size());
    const auto bytes = metrics.find("message." + kind + ".bytes");
    all.push_back({{"kind", kind}, {"count", analysis::json_number(metric.value)}});
    if (bytes) all.back()["bytes"] = analysis::json_number(bytes->value);
  }
  return all;
}

// Merges this many intervals at a time: counts are added, everything else is averaged.
analysis::TimeSeries condensed(const std::string& name, const analysis::TimeSeries& series, std::size_t together) {
  const bool is_level = name.ends_with(".mean") || name.ends_with(".p99") || name.starts_with("nodes.") ||
                        name.starts_with("ring.") || name.starts_with("swarm.") || name.starts_with("kademlia.") ||
                        name.starts_with("swim.");
  const bool is_counted = (series.unit == "count" || series.unit == "B") && !is_level;
  analysis::TimeSeries result{.unit = series.unit, .values = {}};
  for (std::size_t i = 0; i < series.values.size(); i += together) {
    double sum = 0;
    std::size_t present = 0;
    for (std::size_t k = i; k < std::min(i + together, series.values.size()); ++k) {
      if (!series.values[k]) continue;
      sum += *series.values[k];
      ++present;
    }
    const double level = present == 0 ? 0 : sum / static_cast<double>(present);
    result.values.push_back(present == 0 ? std::nullopt : std::optional(is_counted ? sum : level));
  }
  return result;
}

std::size_t intervals_of(const analysis::Timeline& timeline) {
  std::size_t most = 0;
  for (const auto& [name, series] : timeline.series) most = std::max(most, series.values.size());
  return most;
}

Json timeline_in_report(const RunReader& reader, const Json& recorder, const analysis::Metrics& metrics) {
  const Json interval = recorder.value("interval", Json());
  const double seconds = interval.is_number() ? interval.get<double>() : 0;
  if (!(seconds > 0 && seconds < 1e9)) throw reader.broken("chronicle.json");
  const auto timeline = analysis::read_timeline(reader.text("timeline.csv"),
                                                Duration(static_cast<std::int64_t>(std::round(seconds * 1e9))));
  if (!timeline) throw reader.broken("timeline.csv");
  const std::size_t intervals = intervals_of(*timeline);
  const std::size_t together = std::max<std::size_t>(1, (intervals + most_intervals - 1) / most_intervals);
  Json series = Json::array();
  for (const auto& [name, whole] : timeline->series) {
    const analysis::TimeSeries one = condensed(name, whole, together);
    Json values = Json::array();
    for (const auto& value : one.values) values.push_back(value ? analysis::json_number(*value) : Json());
    series.push_back(
        {{"metric", name}, {"unit", one.unit}, {"better", better_of(metrics, name)}, {"values", std::move(values)}});
  }
  Json json{{"interval", analysis::json_number(seconds * static_cast<double>(together))},
            {"series", std::move(series)}};
  if (together > 1)
    json["series_thinned"] = {{"kept", (intervals + together - 1) / together},
                              {"of", intervals},
                              {"how", "intervals taken together: counts are added, all else is averaged"}};
  return json;
}

void add_scenario(const RunReader& reader, Json& run) {
  const std::string yaml = reader.text("scenario.resolved.yaml");
  run["scenario_yaml"] = yaml.substr(0, most_yaml);
  if (yaml.size() > most_yaml)
    run["scenario_yaml_thinned"] = {{"kept", most_yaml}, {"of", yaml.size()}, {"how", "the first bytes"}};
}

// The wall-clock time that the manifest implies, to the millisecond; nothing if it does not say.
std::optional<double> seconds_taken(const Json& manifest) {
  std::array<double, 2> moments{};
  for (std::size_t i = 0; i < moments.size(); ++i) {
    const Json value = manifest.value(i == 0 ? "begun" : "ended", Json());
    if (!value.is_string()) return std::nullopt;
    const std::string text = value.get<std::string>();
    std::tm parts{};
    const char* rest = strptime(text.c_str(), "%Y-%m-%dT%H:%M:%S", &parts);
    if (rest == nullptr || !text.ends_with('Z')) return std::nullopt;
    const std::string fraction(rest, text.c_str() + text.size() - 1);
    const auto part = fraction.empty() ? 0 : analysis::exact_number("0" + fraction);
    if (!part) return std::nullopt;
    moments[i] = static_cast<double>(timegm(&parts)) + *part;
  }
  return std::round((moments[1] - moments[0]) * 1000) / 1000;
}

void add_verdicts(const Json& summary, Json& run) {
  copy(summary, {"seed", "digest"}, run);
  run["on"] = summary.contains("on") ? summary["on"] : Json("simulation");
  copy(summary,
       {"good", "interrupted", "simulated_seconds", "real_seconds", "events", "expectations", "violations", "remarks",
        "outgrown"},
       run);
}

void add_commands(const RunReader& reader, const Json& manifest, const std::string& program, Json& run) {
  copy(manifest, {"command"}, run);
  if (run["on"] == "simulation") {
    if (const auto taken = seconds_taken(manifest)) run["real_seconds"] = *taken;
    run["replay"] = shell_word(program) + " replay " + shell_word(reader.folder()) + " --verify";
  }
}

// The links that dropped or carried most, with their use by interval; nothing if the run has no such file.
std::optional<Json> links_in_report(const RunReader& reader, const Json& recorder) {
  std::error_code error;
  if (!std::filesystem::exists(reader.file("links.csv"), error)) return std::nullopt;
  const auto table = analysis::read_links(reader.text("links.csv"));
  if (!table) throw reader.broken("links.csv");
  if (table->empty()) return std::nullopt;
  std::map<std::string, std::vector<const analysis::LinkRow*>> by_link;
  std::set<double> starts;
  for (const analysis::LinkRow& row : *table) {
    by_link[row.link].push_back(&row);
    starts.insert(row.seconds);
  }
  // The shortest distance between two rows is the interval, or a multiple of it.
  double interval = recorder.value("seconds", 1.0);
  for (auto at = starts.begin(); at != starts.end() && std::next(at) != starts.end(); ++at)
    interval = std::min(interval, *std::next(at) - *at);
  const auto total = [](const auto& rows, auto value) {
    std::uint64_t sum = 0;
    for (const analysis::LinkRow* row : rows) sum += value(*row);
    return sum;
  };
  const auto drops_of = [](const analysis::LinkRow& row) { return row.dropped(); };
  const auto bytes_of = [](const analysis::LinkRow& row) { return row.bytes; };
  std::vector<std::string> names;
  for (const auto& [name, rows] : by_link) names.push_back(name);
  std::stable_sort(names.begin(), names.end(), [&](const std::string& a, const std::string& b) {
    return std::pair(total(by_link[a], drops_of), total(by_link[a], bytes_of)) >
           std::pair(total(by_link[b], drops_of), total(by_link[b], bytes_of));
  });
  Json json{{"interval", analysis::json_number(interval)}, {"links", Json::array()}};
  for (std::size_t i = 0; i < std::min(names.size(), most_links); ++i) {
    Json one{{"link", names[i]}, {"rows", Json::array()}};
    const auto& rows = by_link[names[i]];
    one["rate"] = rows.back()->rate;
    one["queue"] = rows.back()->queue;
    const std::size_t every = std::max<std::size_t>(1, (rows.size() + most_intervals - 1) / most_intervals);
    for (std::size_t k = 0; k < rows.size(); k += every) {
      const analysis::LinkRow& row = *rows[k];
      one["rows"].push_back({row.seconds, analysis::json_number(row.utilisation), row.bytes, row.dropped_queue,
                             row.dropped_loss, row.dropped_partition, row.queue_p99, row.queue_max});
    }
    json["links"].push_back(std::move(one));
  }
  if (names.size() > most_links)
    json["links_thinned"] = {{"kept", most_links}, {"of", names.size()}, {"how", "those with most drops, then bytes"}};
  return json;
}

// Adds what the protocols recorded, together with overall measurements.
void add_pictures(const Json& recorder, const analysis::Metrics& metrics, Json& run) {
  for (const auto& [key, value] : recorder.items())
    if (key != "format" && key != "interval" && key != "seconds" && key != "description" && !run.contains(key))
      run[key] = value;
  if (!run.contains("swarm") || !run["swarm"].is_object()) return;
  for (const char* name : {"bound_seconds", "distribution_seconds"})
    if (const auto metric = metrics.find(name)) run["swarm"][name] = analysis::json_number(metric->value);
}

}  // namespace

Json run_in_report(const std::string& folder, const ReportChoices& choices) {
  const RunReader reader(folder);
  const Json summary = reader.object("summary.json");
  const Json recorder = reader.object("chronicle.json");
  const analysis::Metrics metrics = read_metrics(reader);
  Json run;
  run["title"] = summary.value("scenario", "");
  copy(recorder, {"description"}, run);
  run["folder"] = folder;
  copy(recorder, {"words"}, run);
  add_scenario(reader, run);
  add_verdicts(summary, run);
  add_commands(reader, reader.object("manifest.json"), choices.program, run);
  run["metrics"] = metrics_in_report(metrics);
  run["distributions"] = distributions_in_report(reader, metrics);
  run["messages"] = messages_in_report(metrics);
  run["timeline"] = timeline_in_report(reader, recorder, metrics);
  add_pictures(recorder, metrics, run);
  if (auto links = links_in_report(reader, recorder)) run["links"] = std::move(*links);
  if (auto stories = stories_in_report(folder)) run["stories"] = std::move(*stories);
  if (auto shown = space_time_in_report(folder, choices.window)) run["space_time"] = std::move(*shown);
  return run;
}

}  // namespace peerbed::app
