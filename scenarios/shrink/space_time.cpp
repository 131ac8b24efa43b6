#include "scenarios/shrink/space_time.h"

#include <algorithm>
#include <map>
#include <set>

#include "scenarios/plan/lower.h"
#include "scenarios/run/run_scenario.h"

namespace peerbed::scenarios {
namespace {

using analysis::RecordKind;
using analysis::SpaceTimeFigure;

constexpr std::size_t most_messages = 24;

std::string label_of(const Causes& causes, std::size_t index) {
  const CausedStep& step = causes.steps()[index];
  switch (step.kind) {
    case RecordKind::datagram:
      return std::string(causes.message_name(step));
    case RecordKind::command:
      return causes.line_of(index);
    default:
      return std::string(analysis::name_of(step.kind));
  }
}

}  // namespace

SpaceTimeFigure space_time_of(const ShrinkResult& result) {
  const Scenario& scenario = *result.scenario;
  Causes causes(scenario);
  RunOptions options;
  options.observers = {&causes};
  run_scenario(scenario, options);
  const std::vector<CausedStep>& steps = causes.steps();

  SpaceTimeFigure figure;
  figure.title = sentence_of(result);
  figure.failure = result.failure.what;
  const Nodes named = nodes_named(result.failure.what, scenario);
  const std::set<NodeIndex> blamed(named.begin(), named.end());

  // Deeds, and messages after which a node reported something, latest first.
  std::vector<std::size_t> chosen;
  std::size_t messages = 0;
  for (std::size_t i = steps.size(); i > 0; --i) {
    const CausedStep& step = steps[i - 1];
    if (step.at >= result.failure.at) continue;
    const bool is_beginning = step.kind == RecordKind::start && step.at == Duration::zero() &&
                              scenario.group_of(step.node).plan.is_established(step.node);
    const bool is_deed = analysis::is_from_outside(step.kind) && !is_beginning;
    const bool is_telling = step.kind == RecordKind::datagram && step.reported;
    if (is_telling && messages == most_messages) continue;
    messages += is_telling ? 1 : 0;
    if (is_deed || is_telling) chosen.push_back(i - 1);
    if (chosen.size() == analysis::maximum_space_time_steps) break;
  }
  std::reverse(chosen.begin(), chosen.end());

  std::set<NodeIndex> shown = blamed;
  for (const std::size_t index : chosen) {
    shown.insert(steps[index].node);
    if (steps[index].source != no_node) shown.insert(steps[index].source);
  }
  std::map<NodeIndex, std::size_t> rows;
  for (const NodeIndex node : shown) {
    rows.emplace(node, figure.nodes.size());
    figure.nodes.push_back(scenario.name_of(node));
  }
  for (const NodeIndex node : blamed) figure.failed.push_back(rows.at(node));
  for (const std::size_t index : chosen) {
    const CausedStep& step = steps[index];
    SpaceTimeFigure::Step drawn;
    drawn.node = rows.at(step.node);
    drawn.time = step.at.count();
    drawn.label = label_of(causes, index);
    drawn.is_deed = analysis::is_from_outside(step.kind);
    if (step.source != no_node) drawn.from = rows.at(step.source);
    const auto cause = std::find(chosen.begin(), chosen.end(), step.cause - 1);
    if (step.cause != 0 && cause != chosen.end()) drawn.cause = static_cast<std::size_t>(cause - chosen.begin());
    figure.steps.push_back(std::move(drawn));
  }
  return figure;
}

}  // namespace peerbed::scenarios
