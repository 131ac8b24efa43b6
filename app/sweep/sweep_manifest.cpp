#include "app/sweep/sweep_manifest.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "analysis/results/json_document.h"
#include "app/cli/version.h"

namespace peerbed::app {
namespace {

using analysis::Json;

double seconds_in(const Json& json, const char* key) {
  const auto found = json.is_object() ? json.find(key) : json.end();
  if (!json.is_object() || found == json.end() || !found->is_number()) return 0;
  const double value = found->get<double>();
  return std::isfinite(value) && value > 0 ? value : 0;
}

std::size_t count_in(const Json& json, const char* key) {
  const auto found = json.is_object() ? json.find(key) : json.end();
  return json.is_object() && found != json.end() && found->is_number_unsigned() ? found->get<std::size_t>() : 0;
}

std::string text_in(const Json& json, const char* key) {
  const auto found = json.find(key);
  return found != json.end() && found->is_string() ? found->get<std::string>() : "";
}

Json json_of(const MeasuredCosts& costs) {
  Json json = Json::object();
  for (const auto& [digest, cost] : costs) json[digest] = {{"runs", cost.runs}, {"seconds", cost.seconds}};
  return json;
}

MeasuredCosts costs_in(const Json& json) {
  MeasuredCosts costs;
  if (!json.is_object()) return costs;
  for (const auto& [digest, cost] : json.items())
    if (count_in(cost, "runs") > 0) costs[digest] = {count_in(cost, "runs"), seconds_in(cost, "seconds")};
  return costs;
}

}  // namespace

std::string write_manifest(const SweepManifest& manifest) {
  Json json;
  json["peerbed"] = PEERBED_VERSION;
  json["command"] = manifest.command;
  json["scenario"] = manifest.scenario;
  if (!manifest.shard.empty()) json["shard"] = manifest.shard;
  json["jobs"] = manifest.jobs;
  json["metrics"] = manifest.metrics;
  json["begun"] = manifest.begun;
  if (!manifest.ended.empty()) json["ended"] = manifest.ended;
  json["work"] = {{"workers", manifest.work.workers},
                  {"seconds", manifest.work.seconds},
                  {"busy_seconds", manifest.work.busy},
                  {"idle_seconds", manifest.work.idle}};
  json["costs"] = json_of(manifest.costs);
  return analysis::json_page(json);
}

SweepManifest read_manifest(const std::string& text) {
  const Json json = Json::parse(text, nullptr, false);
  SweepManifest manifest;
  if (!json.is_object()) return manifest;
  manifest.command = text_in(json, "command");
  manifest.scenario = text_in(json, "scenario");
  manifest.shard = text_in(json, "shard");
  manifest.jobs = count_in(json, "jobs");
  manifest.begun = text_in(json, "begun");
  manifest.ended = text_in(json, "ended");
  if (const auto metrics = json.find("metrics"); metrics != json.end() && metrics->is_array())
    for (const Json& metric : *metrics)
      if (metric.is_string()) manifest.metrics.push_back(metric.get<std::string>());
  if (const auto work = json.find("work"); work != json.end())
    manifest.work = {count_in(*work, "workers"), seconds_in(*work, "seconds"), seconds_in(*work, "busy_seconds"),
                     seconds_in(*work, "idle_seconds")};
  if (const auto costs = json.find("costs"); costs != json.end()) manifest.costs = costs_in(*costs);
  return manifest;
}

std::string write_costs(const MeasuredCosts& costs) { return json_of(costs).dump(); }

MeasuredCosts read_costs(const std::string& text) { return costs_in(Json::parse(text, nullptr, false)); }

}  // namespace peerbed::app
