#include "app/sweep/sweep_description.h"

#include <nlohmann/json.hpp>

#include "analysis/results/json_document.h"
#include "app/cli/version.h"

namespace peerbed::app {
namespace {

using analysis::Json;

std::string value_in(const Json& json, const char* key) {
  return json.is_object() && json.contains(key) && json[key].is_string() ? json[key].get<std::string>() : "";
}

// Throws nlohmann::json's exceptions for anything missing or of another type, and ScenarioError for bad seeds.
scenarios::SweepPlan plan_in(const Json& json) {
  scenarios::SweepPlan plan;
  json.at("scenario").get_to(plan.name);
  json.at("scenario_digest").get_to(plan.digest);
  for (const std::string setting : json.at("settings")) {
    const std::size_t sign = setting.find('=');
    plan.settings.push_back({setting.substr(0, sign), setting.substr(sign + 1), "--set " + setting});
  }
  json.at("expected").get_to(plan.expected);
  for (const std::string name : json.at("parameters")) plan.axes.push_back({name, {}});
  plan.seeds = scenarios::parse_seeds(json.at("seeds").get<std::string>(), "sweep.json");
  for (const Json& each : json.at("points")) {
    scenarios::SweepPoint& point = plan.points.emplace_back();
    each.at("values").get_to(point.values);
    each.at("digest").get_to(point.digest);
    each.at("effort").get_to(point.effort);
    if (point.values.size() != plan.axes.size()) throw std::runtime_error("a value is missing");
  }
  if (plan.points.empty()) throw std::runtime_error("no points");
  return plan;
}

}  // namespace

std::string write_description(const scenarios::SweepPlan& plan) {
  Json json;
  json["format"] = 1;
  json["peerbed"] = PEERBED_VERSION;
  json["scenario"] = plan.name;
  json["scenario_digest"] = plan.digest;
  json["settings"] = Json::array();
  for (const scenarios::Override& setting : plan.settings)
    json["settings"].push_back(setting.path + "=" + setting.value);
  if (const scenarios::Value* description = plan.document.root.find("description"))
    json["description"] = description->scalar;
  json["scenario_yaml"] = scenarios::write_document(plan.document.root);
  json["expected"] = plan.expected;
  json["parameters"] = Json::array();
  for (const scenarios::Axis& axis : plan.axes) json["parameters"].push_back(axis.name);
  json["seeds"] = scenarios::write_seeds(plan.seeds);
  json["points"] = Json::array();
  for (const scenarios::SweepPoint& point : plan.points)
    json["points"].push_back({{"values", point.values}, {"digest", point.digest}, {"effort", point.effort}});
  return analysis::json_page(json);
}

std::optional<scenarios::SweepPlan> read_description(const std::string& text) {
  try {
    return plan_in(Json::parse(text));
  } catch (const std::exception&) {
    return std::nullopt;
  }
}

bool describes_sweep(const std::string& text) {
  return !value_in(Json::parse(text, nullptr, false), "scenario_digest").empty();
}

std::string difference_of(const std::string& there, const std::string& wanted) {
  const Json a = Json::parse(there, nullptr, false);
  const Json b = Json::parse(wanted, nullptr, false);
  if (value_in(a, "scenario_digest") != value_in(b, "scenario_digest"))
    return "contains a sweep of another scenario ('" + value_in(a, "scenario") +
           "'), with other settings, or of a scenario that has changed since";
  if (value_in(a, "peerbed") != value_in(b, "peerbed"))
    return "contains a sweep by version " + value_in(a, "peerbed") + " of the program; this is version " +
           value_in(b, "peerbed");
  return "";
}

}  // namespace peerbed::app
