#include "app/check/state_space_page.h"

#include <array>
#include <nlohmann/json.hpp>

#include "analysis/results/json_document.h"
#include "app/cli/version.h"
#include "app/run/run_folder.h"

namespace peerbed::app {
namespace {

using analysis::Json;
using scenarios::ShownNode;
using scenarios::StateSpace;

constexpr std::size_t most_yaml = std::size_t{64} << 10;  // bytes of the scenario's text

Json number_or_none(check::StateNumber state) { return state == check::no_state ? Json(-1) : Json(state); }

Json in_document(const ShownNode& node) {
  Json json = Json::object();
  constexpr std::array words{"absent", "running", "left"};
  json["status"] = words[static_cast<std::size_t>(node.status)];
  if (!node.is_member) json["outside"] = true;
  if (!node.successors.empty()) json["s"] = node.successors;
  if (node.predecessor) json["p"] = *node.predecessor;
  if (!node.text.empty()) json["text"] = node.text;
  return json;
}

// Lists instead of objects, since there are many: parent, depth, nodes, messages under way, flaws and steps.
Json in_document(const StateSpace::State& state) {
  Json flaws = Json::array();
  for (const StateSpace::Flaw& flaw : state.flaws) flaws.push_back({flaw.property, flaw.text});
  Json steps = Json::array();
  for (const StateSpace::Step& step : state.steps)
    steps.push_back(Json::array({step.action, number_or_none(step.target), step.traced}));
  const Json parent = number_or_none(state.parent);
  return {parent, state.depth, state.nodes, state.under_way, std::move(flaws), std::move(steps)};
}

Json space_in_document(const StateSpace& space) {
  Json json;
  json["properties"] = Json::array();
  for (const StateSpace::Property& property : space.properties)
    json["properties"].push_back({{"name", property.name}, {"always", property.always}});
  json["texts"] = space.texts;
  json["shown"] = Json::array();
  for (const ShownNode& node : space.nodes) json["shown"].push_back(in_document(node));
  if (!space.circle.empty()) {
    json["circle"] = Json::array();
    for (const scenarios::CirclePlace& place : space.circle)
      json["circle"].push_back({{"share", analysis::json_number(place.share)}, {"key", place.key}});
  }
  json["states"] = Json::array();
  for (const StateSpace::State& state : space.states) json["states"].push_back(in_document(state));
  if (space.refuted) json["refuted"] = *space.refuted;
  json["cut"] = space.is_cut;
  return json;
}

}  // namespace

std::string state_space_document(const scenarios::CheckOutcome& outcome, const scenarios::Scenario& scenario,
                                 const CheckInWords& words) {
  Json check = space_in_document(outcome.space);
  check["title"] = scenario.name;
  if (!scenario.description.empty()) check["description"] = scenario.description;
  check["verdict"] = words.verdict;
  check["subject"] = words.subject;
  if (!words.reason.empty()) check["reason"] = words.reason;
  check["assumptions"] = words.assumptions;
  check["command"] = words.command;
  check["scenario_yaml"] = scenarios::write_document(scenario.document.root).substr(0, most_yaml);
  if (!words.counterexample.empty()) check["counterexample"] = words.counterexample;
  check["all_states"] = outcome.exploration.states;
  check["nodes"] = Json::array();
  for (NodeIndex node = 0; node < scenario.node_count(); ++node) check["nodes"].push_back(scenario.name_of(node));
  Json document;
  document["format"] = 1;
  document["peerbed"] = PEERBED_VERSION;
  document["made"] = utc_now();
  document["checks"] = Json::array({std::move(check)});
  return analysis::json_line(document) + "\n";
}

}  // namespace peerbed::app
