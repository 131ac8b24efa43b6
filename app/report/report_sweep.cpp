// Reads one sweep of a report from the files in its folder.

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <set>
#include <sstream>

#include "analysis/results/fault_of_file.h"
#include "analysis/results/json_document.h"
#include "analysis/results/results_database.h"
#include "analysis/results/sweep_statistics.h"
#include "analysis/statistics/metric_words.h"
#include "app/cli/command_line.h"
#include "app/cli/settings.h"
#include "app/cli/whole_file.h"
#include "app/report/report_parts.h"
#include "app/sweep/sweep_report.h"
#include "scenarios/sweep/unit_record.h"
#include "scenarios/text/error.h"

namespace peerbed::app {
namespace {

namespace fs = std::filesystem;
using analysis::Json;
using scenarios::FileError;

constexpr const char* remedy = "run the sweep again, or continue it with --resume";
constexpr std::size_t most_bytes = std::size_t{64} << 20;  // of one file
constexpr std::size_t most_yaml = std::size_t{64} << 10;   // of the scenario's text
constexpr std::size_t most_failures = 50;
constexpr std::size_t most_metrics = 400;
constexpr std::size_t most_samples = 1'000;  // of one metric at one point
constexpr std::size_t most_rows = 200;       // of one distribution

// What the files of single runs contain besides numbers.
struct Findings {
  std::vector<std::string> names;             // of metrics that protocols added
  std::vector<scenarios::UnitRecord> failed;  // runs that failed an expectation, by point and seed
};

std::vector<std::string> texts_in(const Json& object, const char* key) {
  std::vector<std::string> texts;
  for (const Json& each : object.value(key, Json::array()))
    if (each.is_string()) texts.push_back(each.get<std::string>());
  return texts;
}

// The file that was swept, as the command names it; if that is unknown, the scenario's name, which is enough for
// built-in scenarios.
std::string scenario_in(const Json& manifest, const std::string& name) {
  if (!manifest.is_object()) return name;
  if (const Json scenario = manifest.value("scenario", Json()); scenario.is_string()) return scenario;
  const Json command = manifest.value("command", Json());
  if (!command.is_string()) return name;
  std::istringstream words(command.get<std::string>());
  for (std::string word; words >> word;)
    if (word == name || word.ends_with(".yaml")) return word;
  return name;
}

Findings read_findings(const std::string& folder, const analysis::SweepResults& results) {
  std::error_code error;
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(folder + "/units", error))
    if (entry.path().extension() == ".json") files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  Findings findings;
  for (const fs::path& file : files) {
    auto record = scenarios::read_unit_record(read_whole(file.string(), remedy, most_bytes));
    if (!record) throw FileError(file.string() + ": is damaged; " + remedy);
    for (const std::string& name : record->findings)
      if (std::find(findings.names.begin(), findings.names.end(), name) == findings.names.end())
        findings.names.push_back(name);
    if (!record->unmet.empty()) findings.failed.push_back(std::move(*record));
  }
  const auto position = [&results](const scenarios::UnitRecord& record) {
    return std::pair(results.find_point(record.result.values), record.result.seed);
  };
  std::sort(findings.failed.begin(), findings.failed.end(),
            [position](const auto& one, const auto& other) { return position(one) < position(other); });
  return findings;
}

// The metric's theoretical value at a point, if the runs measured what the theory needs.
std::optional<double> theory_of(const analysis::SweepResults& results, const std::string& metric, std::size_t point) {
  const auto mean_of = [&](const char* name) -> std::optional<double> {
    const auto found = results.metrics().find(name);
    if (found == results.metrics().end() || found->second.by_point[point].empty()) return std::nullopt;
    return analysis::mean(analysis::values_of(found->second.by_point[point]));
  };
  // No distribution ends sooner (Kumar and Ross 2006), and on average half of a key's bits must be corrected.
  if (metric == "distribution_seconds" || metric == "download_seconds") return mean_of("bound_seconds");
  const auto members = metric == "lookup.done.hops.mean" ? mean_of("ring.members") : std::nullopt;
  return members && *members > 1 ? std::optional(0.5 * std::log2(*members)) : std::nullopt;
}

Json point_in_report(const analysis::SweepResults& results, const std::string& metric, std::size_t point,
                     const analysis::PointStatistics& of) {
  const std::vector<double> samples = analysis::values_of(results.metrics().at(metric).by_point[point]);
  Json json{{"values", results.points()[point]},
            {"runs", of.summary.count},
            {"mean", analysis::json_number(of.summary.mean)},
            {"low", analysis::json_number(of.interval.low)},
            {"high", analysis::json_number(of.interval.high)},
            {"median", analysis::json_number(of.summary.median)},
            {"p10", analysis::json_number(of.summary.p10)},
            {"p90", analysis::json_number(of.summary.p90)},
            {"min", analysis::json_number(of.summary.minimum)},
            {"max", analysis::json_number(of.summary.maximum)}};
  json["samples"] = Json::array();
  for (std::size_t i = 0; i < std::min(samples.size(), most_samples); ++i)
    json["samples"].push_back(analysis::json_number(samples[i]));
  if (samples.size() > most_samples)
    json["samples_thinned"] = {{"kept", most_samples}, {"of", samples.size()}, {"how", "the first seeds"}};
  if (const auto theory = theory_of(results, metric, point)) json["theory"] = *theory;
  return json;
}

// What the command asks for, then what the scenario expects and what is informative; constant ones are left out unless
// they are asked for.
Json metrics_in_report(const analysis::SweepResults& results, const std::vector<std::string>& asked,
                       const std::vector<std::string>& expected, const std::vector<std::string>& findings,
                       Json& sweep) {
  std::vector<std::string> names;
  try {
    names = chosen_metrics(results, asked);
  } catch (const UsageError&) {  // the runs that are there do not have them all
  }
  const std::size_t wanted = names.size();
  for (std::string& name : telling_metrics(results, expected, findings))
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(std::move(name));
  const std::size_t shown = names.size();
  for (const auto& [name, metric] : results.metrics())
    if (!analysis::is_constant(metric) && std::find(names.begin(), names.begin() + static_cast<std::ptrdiff_t>(shown),
                                                    name) == names.begin() + static_cast<std::ptrdiff_t>(shown))
      names.push_back(name);
  if (names.size() > most_metrics)
    sweep["metrics_thinned"] = {{"kept", most_metrics}, {"of", names.size()}, {"how", "the first by name"}};
  names.resize(std::min(names.size(), most_metrics));
  Json all = Json::array();
  for (std::size_t i = 0; i < names.size(); ++i) {
    const analysis::MetricSamples& metric = results.metrics().at(names[i]);
    Json one{{"metric", names[i]},
             {"unit", analysis::word_of(metric.unit)},
             {"better", analysis::word_of(metric.better)},
             {"asked", i < wanted},
             {"shown", i < shown},
             {"points", Json::array()}};
    const std::vector<analysis::PointStatistics> statistics = analysis::statistics_of(metric);
    for (std::size_t point = 0; point < statistics.size(); ++point)
      if (statistics[point].summary.count > 0)
        one["points"].push_back(point_in_report(results, names[i], point, statistics[point]));
    all.push_back(std::move(one));
  }
  return all;
}

Json distributions_in_report(const analysis::SweepResults& results) {
  std::map<std::string, Json> by_quantity;
  for (std::size_t point = 0; point < results.distributions().size(); ++point)
    for (const auto& [quantity, bars] : results.distributions()[point])
      by_quantity[quantity].push_back({{"values", results.points()[point]}, {"rows", rows_of(bars, most_rows)}});
  Json all = Json::array();
  for (auto& [quantity, points] : by_quantity) {
    const auto mean = results.metrics().find(quantity + ".mean");
    const Unit unit = mean == results.metrics().end() ? Unit::none : mean->second.unit;
    all.push_back({{"quantity", quantity}, {"unit", analysis::word_of(unit)}, {"points", std::move(points)}});
  }
  return all;
}

Json failures_in_report(const analysis::SweepResults& results, const Findings& findings,
                        const std::vector<std::string>& settings, const std::string& run) {
  const std::vector<std::string>& parameters = results.header().parameters;
  Json all = Json::array();
  for (std::size_t i = 0; i < std::min(findings.failed.size(), most_failures); ++i) {
    const scenarios::UnitRecord& record = findings.failed[i];
    std::string again = run;
    for (const std::string& setting : settings) again += " --set " + shell_word(setting);
    for (std::size_t k = 0; k < std::min(parameters.size(), record.result.values.size()); ++k)
      again += " --set " + shell_word(parameters[k] + "=" + record.result.values[k]);
    again += " --seed " + std::to_string(record.result.seed);
    all.push_back({{"values", record.result.values},
                   {"seed", record.result.seed},
                   {"unmet", record.unmet},
                   {"again", std::move(again)}});
  }
  return all;
}

std::vector<std::uint64_t> seeds_in(const analysis::SweepResults& results) {
  std::set<std::uint64_t> seeds;
  for (const auto& [run, digest] : results.digests()) seeds.insert(run.second);
  return {seeds.begin(), seeds.end()};
}

}  // namespace

Json sweep_in_report(const std::string& folder, const ReportChoices& choices) {
  const Json description = Json::parse(read_whole(folder + "/sweep.json", remedy, most_bytes), nullptr, false);
  if (!description.is_object()) throw FileError(folder + "/sweep.json: is damaged; " + remedy);
  const std::string database = folder + "/results.sqlite";
  if (const std::string fault = analysis::fault_of_file(database); !fault.empty())
    throw FileError(database + ": " + fault + "; " + remedy);
  const analysis::SweepResults results = analysis::read_database(database);
  const Findings findings = read_findings(folder, results);
  const std::vector<std::string> settings = texts_in(description, "settings");
  Json sweep;
  sweep["title"] = results.header().scenario;
  for (const char* key : {"description", "scenario_yaml"})
    if (const Json value = description.value(key, Json()); value.is_string())
      sweep[key] = value.get<std::string>().substr(0, most_yaml);
  sweep["folder"] = folder;
  const Json manifest = Json::parse(read_whole(folder + "/manifest.json", remedy, most_bytes), nullptr, false);
  const Json command = manifest.is_object() ? manifest.value("command", Json()) : Json();
  if (command.is_string()) sweep["command"] = command;
  sweep["settings"] = settings;
  sweep["parameters"] = results.header().parameters;
  sweep["seeds"] = seeds_in(results).size();
  sweep["seeds_text"] = scenarios::write_seeds(seeds_in(results));
  sweep["metrics"] =
      metrics_in_report(results, manifest.is_object() ? texts_in(manifest, "metrics") : std::vector<std::string>(),
                        texts_in(description, "expected"), findings.names, sweep);
  sweep["distributions"] = distributions_in_report(results);
  const std::string run =
      shell_word(choices.program) + " run " + shell_word(scenario_in(manifest, results.header().scenario));
  sweep["failures"] = failures_in_report(results, findings, settings, run);
  if (findings.failed.size() > most_failures)
    sweep["failures_thinned"] = {
        {"kept", most_failures}, {"of", findings.failed.size()}, {"how", "the first points and seeds"}};
  return sweep;
}

}  // namespace peerbed::app
