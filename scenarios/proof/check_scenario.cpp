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
    std::unique_ptr<NodeCheck> check = protocol.check(groups, scenario.seed, *scenario.check);
    if (!check)
      throw ScenarioError(position, "nodes of " + std::string(protocol.name()) +
                                        " cannot be checked exhaustively; run or search this scenario instead");
    check->variant = variant_of(scenario);
    return check;
  } catch (const CheckError& error) {
    throw ScenarioError(position, error.what());
  }
}

std::string story_of(const Refutation& refutation, const Scenario& scenario) {
  std::string story;
  std::size_t number = 0;
  for (const CheckStep& step : refutation.steps) {
    const std::string name = scenario.name_of(step.node);
    story += "  " + std::to_string(++number) + ". " + name;
    switch (step.kind) {
      case check::ActionKind::start:
        story += step.contact ? " starts and joins through " + scenario.name_of(*step.contact) : " starts";
        break;
      case check::ActionKind::crash_keep:
      case check::ActionKind::crash_wipe:
        story += " crashes";
        break;
      case check::ActionKind::leave:
        story += " leaves";
        break;
      case check::ActionKind::fire:
        story += step.timer.empty() ? ": a timer fires" : ": the timer " + step.timer + " fires";
        break;
      case check::ActionKind::command:
        story += " is told: " + step.command;
        break;
      case check::ActionKind::deliver:
        story += " receives a message";
        break;
      case check::ActionKind::drop:
        story += ": a message to it is lost";
        break;
      case check::ActionKind::duplicate:
        story += ": a message to it is doubled";
        break;
      case check::ActionKind::age:
        story += " ages";
        break;
      case check::ActionKind::tick:
      case check::ActionKind::quiet:
      case check::ActionKind::rename:
        story += ": time passes";
        break;
    }
    story += '\n';
  }
  return story;
}

}  // namespace peerbed::scenarios
