#include "app/sweep/result_folder.h"

#include <filesystem>
#include <nlohmann/json.hpp>
#include <sstream>

#include "analysis/results/fault_of_file.h"
#include "analysis/results/results_database.h"
#include "analysis/statistics/metric_words.h"
#include "app/cli/whole_file.h"
#include "scenarios/text/error.h"
#include "scenarios/text/units.h"

namespace peerbed::app {
namespace {

namespace fs = std::filesystem;
using scenarios::FileError;

const std::string remedy = "run the scenario again with --out";

nlohmann::json read_json(const std::string& file) {
  const auto json = nlohmann::json::parse(read_whole(file, remedy, most_file_bytes), nullptr, false);
  if (!json.is_object()) throw FileError(file + ": is damaged; " + remedy);
  return json;
}

analysis::SweepResults read_run(const std::string& folder) {
  const nlohmann::json summary = read_json(folder + "/summary.json");
  if (summary.value("interrupted", false))
    throw FileError(folder + ": contains an interrupted run; run the scenario again with --out");
  analysis::SweepHeader header;
  header.scenario = summary.value("scenario", "");
  header.version = read_json(folder + "/manifest.json").value("peerbed", "");
  analysis::UnitResult unit;
  unit.seed = summary.value("seed", std::uint64_t{0});
  unit.digest = summary.value("digest", "");
  read_csv(folder + "/metrics.csv", 4, [&unit](const std::vector<std::string>& fields) {
    if (const auto value = analysis::exact_number(fields[1]))
      unit.metrics.set(fields[0],
                       analysis::Metric{*value, analysis::unit_of(fields[2]), analysis::better_of(fields[3])});
  });
  analysis::SweepResults results(header);
  results.add(unit);
  analysis::Distributions distributions;
  read_csv(folder + "/distributions.csv", 3, [&distributions](const std::vector<std::string>& fields) {
    const auto at_most = scenarios::parse_count(fields[1]);
    const auto count = scenarios::parse_count(fields[2]);
    if (at_most && count) distributions[fields[0]].push_back({*at_most, *count});
  });
  for (auto& [name, bars] : distributions) results.add_distribution(0, name, std::move(bars));
  return results;
}

std::map<std::string, std::string> parameters_of_run(const std::string& folder) {
  std::map<std::string, std::string> parameters;
  const nlohmann::json summary = read_json(folder + "/summary.json");
  if (!summary.contains("parameters") || !summary["parameters"].is_object()) return parameters;
  for (const auto& [name, value] : summary["parameters"].items())
    if (value.is_string()) parameters[name] = value.get<std::string>();
  return parameters;
}

}  // namespace

void read_csv(const std::string& file, std::size_t columns,
              const std::function<void(const std::vector<std::string>&)>& use) {
  std::istringstream stream(read_whole(file, remedy, most_file_bytes));
  std::string line;
  if (!std::getline(stream, line)) throw FileError(file + ": is empty; " + remedy);
  while (std::getline(stream, line)) {
    std::vector<std::string> fields;
    std::istringstream words(line);
    for (std::string field; std::getline(words, field, ',');) fields.push_back(field);
    fields.resize(columns);
    use(fields);
  }
}

namespace {

ResultFolder read_sweep(const std::string& folder, const std::string& database) {
  if (const std::string fault = analysis::fault_of_file(database); !fault.empty())
    throw FileError(database + ": " + fault + "; run the sweep again with --resume");
  return {folder, false, analysis::read_database(database), {}};
}

}  // namespace

ResultFolder read_result_folder(const std::string& path) {
  std::error_code error;
  if (!fs::exists(path, error)) throw FileError(path + ": no such folder; check the path");
  if (!fs::is_directory(path, error)) return read_sweep(path, path);
  if (fs::exists(path + "/results.sqlite", error)) return read_sweep(path, path + "/results.sqlite");
  if (fs::exists(path + "/summary.json", error)) return {path, true, read_run(path), parameters_of_run(path)};
  throw FileError(
      path +
      ": contains neither a run nor the results of a sweep; create one with `peerbed run SCENARIO --out DIR` "
      "or `peerbed sweep SCENARIO -o DIR`");
}

}  // namespace peerbed::app
