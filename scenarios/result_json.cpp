#include "scenarios/result_json.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>

namespace peerbed::scenarios {
namespace {

using Json = nlohmann::ordered_json;

std::string_view unit_name(Unit unit) {
  switch (unit) {
    case Unit::count:
      return "count";
    case Unit::nanoseconds:
      return "ns";
    case Unit::bytes:
      return "B";
    case Unit::flag:
      return "share";
    case Unit::none:
    case Unit::identifier:
      break;
  }
  return "";
}

// Whole numbers are written without a point.
Json number(double value) {
  if (value == std::floor(value) && std::fabs(value) < 9e15) return static_cast<std::int64_t>(value);
  return value;
}

double seconds(Duration duration) { return static_cast<double>(duration.count()) / 1e9; }

Json violations_of(const RunResult& result) {
  Json first = Json::array();
  for (const Violation& violation : result.violations)
    first.push_back(
        {{"seconds", number(seconds(violation.at))}, {"property", violation.property}, {"what", violation.what}});
  return {{"count", result.violation_count}, {"first", first}};
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
  json["seed"] = result.seed;
  json["digest"] = digest_text(result.digest);
  json["events"] = result.events;
  json["simulated_seconds"] = number(seconds(result.simulated));
  json["nodes"] = result.nodes;
  json["good"] = result.good();
  json["interrupted"] = result.interrupted;
  json["expectations"] = Json::array();
  for (const ExpectationResult& expectation : result.expectations)
    json["expectations"].push_back(
        {{"expectation", expectation.text}, {"held", expectation.held}, {"actual", expectation.actual}});
  json["violations"] = violations_of(result);
  json["metrics"] = Json::object();
  for (const auto& [name, metric] : result.metrics.all()) json["metrics"][name] = number(metric.value);
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string metrics_csv(const RunResult& result) {
  std::string csv = "metric,value,unit\n";
  for (const auto& [name, metric] : result.metrics.all()) {
    std::array<char, 40> text{};
    const auto end = std::to_chars(text.data(), text.data() + text.size(), metric.value).ptr;
    csv.append(name).append(",").append(text.data(), end).append(",").append(unit_name(metric.unit)).append("\n");
  }
  return csv;
}

}  // namespace peerbed::scenarios
