#include "scenarios/record/result_json.h"

#include <array>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "analysis/results/json_document.h"
#include "analysis/statistics/metric_words.h"

namespace peerbed::scenarios {
namespace {

using analysis::Json;

double seconds(Duration duration) { return static_cast<double>(duration.count()) / 1e9; }

Json violations_of(const RunResult& result) {
  Json first = Json::array();
  Json last = Json::array();
  for (const ViolatedProperty& violated : result.violations) {
    const auto seen = [&](const Violation& violation) {
      return Json{{"seconds", analysis::json_number(seconds(violation.at))},
                  {"property", violated.property},
                  {"count", violated.count},
                  {"what", violation.what}};
    };
    first.push_back(seen(violated.first));
    last.push_back(seen(violated.last));
  }
  return {{"count", result.violation_count}, {"first", first}, {"last", last}};
}

Json worst_key_of(const analysis::WorstKey& worst) {
  Json json{{"worst_key", std::to_string(worst.key)}, {"level", analysis::word_of(worst.level)}};
  if (!worst.why.empty()) json["why"] = worst.why;
  return json;
}

}  // namespace

std::string digest_text(std::uint64_t digest) {
  std::array<char, 17> text{};
  std::snprintf(text.data(), text.size(), "%016llx", static_cast<unsigned long long>(digest));
  return text.data();
}

std::string result_json(const RunResult& result) {
  Json json;
  json["scenario"] = result.scenario;
  if (!result.parameters.empty()) json["parameters"] = Json::object();
  for (const auto& [name, value] : result.parameters) json["parameters"][name] = value;
  json["seed"] = result.seed;
  if (result.is_simulated)
    json["digest"] = digest_text(result.digest);
  else
    json["on"] = "sockets";
  json["events"] = result.events;
  json[result.is_simulated ? "simulated_seconds" : "real_seconds"] = analysis::json_number(seconds(result.simulated));
  json["nodes"] = result.nodes;
  json["good"] = result.good();
  json["interrupted"] = result.interrupted;
  if (!result.outgrown.empty()) json["outgrown"] = result.outgrown;
  if (!result.remarks.empty()) json["remarks"] = result.remarks;
  json["expectations"] = Json::array();
  for (const ExpectationResult& expectation : result.expectations)
    json["expectations"].push_back(
        {{"expectation", expectation.text}, {"held", expectation.held}, {"actual", expectation.actual}});
  json["violations"] = violations_of(result);
  if (result.history && result.history->worst) json["history"] = worst_key_of(*result.history->worst);
  json["metrics"] = Json::object();
  for (const auto& [name, metric] : result.metrics.all()) json["metrics"][name] = analysis::json_number(metric.value);
  return analysis::json_page(json);
}

std::string metrics_csv(const RunResult& result) {
  std::string csv = "metric,value,unit,better\n";
  for (const auto& [name, metric] : result.metrics.all()) {
    csv.append(name).append(",").append(analysis::exact_text(metric.value)).append(",");
    csv.append(analysis::word_of(metric.unit)).append(",").append(analysis::word_of(metric.better)).append("\n");
  }
  return csv;
}

std::string distributions_csv(const RunResult& result) {
  std::string csv = "metric,at_most,count\n";
  for (const auto& [name, bars] : result.distributions)
    for (const analysis::Bar& bar : bars)
      csv.append(name + "," + std::to_string(bar.at_most) + "," + std::to_string(bar.count) + "\n");
  return csv;
}

}  // namespace peerbed::scenarios
