#include "scenarios/sweep/unit_record.h"

#include <nlohmann/json.hpp>

#include "analysis/results/json_document.h"
#include "analysis/statistics/metric_words.h"
#include "scenarios/record/result_json.h"

namespace peerbed::scenarios {
namespace {

using analysis::Json;

constexpr int format = 1;

Json metrics_json(const analysis::Metrics& metrics) {
  Json json = Json::object();
  for (const auto& [name, metric] : metrics.all())
    json[name] = {metric.value, analysis::word_of(metric.unit), analysis::word_of(metric.better)};
  return json;
}

Json distributions_json(const analysis::Distributions& distributions) {
  Json json = Json::object();
  for (const auto& [name, bars] : distributions) {
    Json& list = json[name] = Json::array();
    for (const analysis::Bar& bar : bars) list.push_back({bar.at_most, bar.count});
  }
  return json;
}

Json links_json(const analysis::LinkTable& links) {
  Json json = Json::object();
  for (const analysis::LinkRow& row : links) {
    Json& values = json[row.link] = Json::array({row.utilisation});
    for (const analysis::LinkColumn& column : analysis::link_columns) values.push_back(row.*column.field);
  }
  return json;
}

analysis::LinkTable links_of(const Json& json) {
  analysis::LinkTable links;
  for (const auto& [name, values] : json.items()) {
    analysis::LinkRow& row = links.emplace_back();
    row.link = name;
    row.utilisation = values.at(0).get<double>();
    for (std::size_t i = 0; i < analysis::link_columns.size(); ++i)
      row.*analysis::link_columns[i].field = values.at(i + 1).get<std::uint64_t>();
  }
  return links;
}

// Throws nlohmann::json's exceptions for anything missing or of another type.
UnitRecord record_of(const Json& json) {
  if (json.at("format") != format) throw std::runtime_error("another format");
  UnitRecord record;
  analysis::UnitResult& result = record.result;
  json.at("values").get_to(result.values);
  json.at("seed").get_to(result.seed);
  json.at("digest").get_to(result.digest);
  json.at("events").get_to(result.events);
  json.at("good").get_to(result.good);
  json.at("unmet").get_to(record.unmet);
  json.at("findings").get_to(record.findings);
  for (const auto& [name, metric] : json.at("metrics").items())
    if (metric.at(0).is_number())
      result.metrics.set(
          name, analysis::Metric{metric.at(0).get<double>(), analysis::unit_of(metric.at(1).get<std::string>()),
                                 analysis::better_of(metric.at(2).get<std::string>())});
  for (const auto& [name, bars] : json.at("distributions").items())
    for (const Json& bar : bars)
      result.distributions[name].push_back({bar.at(0).get<std::uint64_t>(), bar.at(1).get<std::uint64_t>()});
  if (json.contains("links")) result.links = links_of(json["links"]);
  return record;
}

}  // namespace

UnitRecord unit_record(const SweepPoint& point, const RunResult& result) {
  UnitRecord record;
  record.result.values = point.values;
  record.result.seed = result.seed;
  record.result.digest = digest_text(result.digest);
  record.result.events = result.events;
  record.result.good = result.good();
  record.result.metrics = result.metrics;
  record.result.distributions = result.distributions;
  if (!result.outgrown.empty()) record.unmet.push_back(result.outgrown);
  for (const ExpectationResult& expectation : result.expectations)
    if (!expectation.held) record.unmet.push_back(expectation.text + ": " + expectation.actual);
  record.findings = result.findings;
  return record;
}

std::string write_unit_record(const UnitRecord& record) {
  const analysis::UnitResult& result = record.result;
  Json json;
  json["format"] = format;
  json["values"] = result.values;
  json["seed"] = result.seed;
  json["digest"] = result.digest;
  json["events"] = result.events;
  json["good"] = result.good;
  json["unmet"] = record.unmet;
  json["findings"] = record.findings;
  json["metrics"] = metrics_json(result.metrics);
  json["distributions"] = distributions_json(result.distributions);
  if (result.links) json["links"] = links_json(*result.links);
  return analysis::json_line(json) + "\n";
}

std::optional<UnitRecord> read_unit_record(std::string_view text) {
  try {
    return record_of(Json::parse(text));
  } catch (const std::exception&) {
    return std::nullopt;
  }
}

}  // namespace peerbed::scenarios
