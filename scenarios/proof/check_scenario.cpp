#include "scenarios/proof/check_scenario.h"

#include <span>
#include <utility>
#include <vector>

#include "check/engine/fingerprint.h"
#include "scenarios/check/names.h"

namespace peerbed::scenarios {
namespace {

constexpr std::size_t most_nodes = 255;

Position position_of_check(const Scenario& scenario) {
  const Value* check = scenario.document.root.find("check");
  return scenario.document.position_of(check != nullptr ? *check : scenario.document.root);
}

// With what the rest of the scenario says about its nodes.
CheckPlan plan_of(const Scenario& scenario) {
  CheckPlan plan = *scenario.check;
  for (const Group& group : scenario.groups) {
    plan.on_start.push_back(group.on_start);
    plan.disks_take_time = plan.disks_take_time || group.storage != sim::DiskModel{};
  }
  return plan;
}

// Of all that decides which states there are and what is demanded of them.
std::uint64_t variant_of(const Scenario& scenario) {
  Value check = *scenario.document.root.find("check");
  remove_entry(check, "at_most");
  Value root = map_value({{"seed", scalar_value(std::to_string(scenario.seed))}, {"check", std::move(check)}});
  set_entry(root, "groups", *scenario.document.root.find("groups"));
  const std::string text = write_document(root);
  return check::fingerprint_of(std::as_bytes(std::span(text))).low;
}

}  // namespace

std::unique_ptr<NodeCheck> check_of(const Scenario& scenario) {
  const Position position = position_of_check(scenario);
  if (!scenario.check) throw ScenarioError(position, "there is no `check:` section; add one, such as `check: {}`");
  if (scenario.node_count() > most_nodes)
    throw ScenarioError(position, "a check has at most " + std::to_string(most_nodes) +
                                      " nodes; a few are enough, as each more multiplies the states");
  const Protocol& protocol = *scenario.groups.front().protocol;
  std::vector<GroupPlan> groups;
  for (const Group& group : scenario.groups) {
    if (group.protocol.get() != &protocol)
      throw ScenarioError(position, "the nodes of a check run one protocol; put the others into another scenario");
    groups.push_back(group.plan);
  }
  try {
    std::unique_ptr<NodeCheck> check = protocol.check(groups, scenario.seed, plan_of(scenario));
    if (!check)
      throw ScenarioError(position, "nodes of " + std::string(protocol.name()) +
                                        " cannot be checked exhaustively; run or search this scenario instead");
    check->variant = variant_of(scenario);
    for (NodeIndex node = 0; node < scenario.node_count(); ++node) check->names.push_back(scenario.name_of(node));
    return check;
  } catch (const CheckError& error) {
    throw ScenarioError(position, error.what());
  }
}

std::string words_of(const CheckStep& step, const Scenario& scenario) {
  const std::string name = scenario.name_of(step.node);
  const std::string message =
      (step.message.empty() ? "a message" : step.message) + " from " + scenario.name_of(step.sender);
  switch (step.kind) {
    case check::ActionKind::start:
      return name + (step.contact ? " starts and joins through " + scenario.name_of(*step.contact) : " starts");
    case check::ActionKind::crash_keep:
    case check::ActionKind::crash_wipe:
      return name + " crashes";
    case check::ActionKind::leave:
      return name + " leaves";
    case check::ActionKind::fire:
      return name + (step.timer.empty() ? ": a timer fires" : ": the timer " + step.timer + " fires");
    case check::ActionKind::command:
      return name + " is told: " + step.command;
    case check::ActionKind::deliver:
      return name + " receives " + message;
    case check::ActionKind::drop:
      return name + " never receives " + message;
    case check::ActionKind::duplicate:
      return name + " will receive " + message + " twice";
    case check::ActionKind::age:
      return name + " ages";
    case check::ActionKind::stream:
      return name + " " + step.stream.text([&](NodeIndex node) { return scenario.name_of(node); });
    case check::ActionKind::disk:
      return "the disk of " + name + " answers";
    case check::ActionKind::tick:
    case check::ActionKind::quiet:
    case check::ActionKind::rename:
      break;
  }
  return "time passes";
}

std::string story_of(const Refutation& refutation, const Scenario& scenario) {
  std::string story;
  std::size_t number = 0;
  for (const CheckStep& step : refutation.steps)
    story += "  " + std::to_string(++number) + ". " + words_of(step, scenario) + '\n';
  return story;
}

}  // namespace peerbed::scenarios
