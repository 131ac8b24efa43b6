#include "scenarios/plan/possible_states.h"

#include <algorithm>
#include <numeric>

#include "scenarios/text/overloaded.h"

namespace peerbed::scenarios {
namespace {

bool has(StateSet states, StateSet some) { return (states & some) != 0; }

bool selects_nobody(const Selection& selection) { return selection.nodes.empty() || selection.share == 0.0; }

}  // namespace

PossibleStates::PossibleStates(const Scenario& scenario)
    : scenario_(scenario),
      all_(scenario.node_count()),
      changes_(all_.size()),
      may_quit_(all_.size()),
      in_churn_(all_.size()),
      met_by_faults_(scenario.faults.size()),
      met_by_churn_(scenario.churn.size()) {
  std::iota(all_.begin(), all_.end(), NodeIndex{0});
  for (const Group& group : scenario.groups)
    for (std::size_t i = 0; i < group.plan.count; ++i) {
      const NodeIndex node = group.plan.first + static_cast<NodeIndex>(i);
      may_quit_[node] = !group.protocol->runs_until_told() || !group.on_start.empty();
      changes_[node].push_back({{}, group.plan.is_established(node) ? started(node) : state_down});
    }
  for (const Group& group : scenario.groups) plan_joins(group);
  for (std::size_t i = 0; i < scenario.churn.size(); ++i)
    plan(scenario.churn[i].from, {.turn = Turn::churn, .nodes = nodes_of(scenario.churn[i]), .met = &met_by_churn_[i]});
  for (const Workload& stream : scenario.workload) plan(stream.from, {.turn = Turn::workload, .nodes = stream.nodes});
  for (std::size_t i = 0; i < scenario.faults.size(); ++i) plan_fault(i);
  for (; !agenda_.empty(); agenda_.erase(agenda_.begin())) {
    const auto& [at, event] = *agenda_.begin();
    if (at < scenario.duration) apply(at, event);
  }
}

bool PossibleStates::may_be(std::span<const NodeIndex> nodes, StateSet states, Duration from, Duration to) const {
  return std::any_of(nodes.begin(), nodes.end(), [&](NodeIndex node) {
    const std::vector<Change>& changes = changes_[node];
    for (std::size_t i = 0; i < changes.size() && changes[i].at <= to; ++i)
      if (has(changes[i].states, states) && (i + 1 == changes.size() || changes[i + 1].at >= from)) return true;
    return false;
  });
}

void PossibleStates::plan_joins(const Group& group) {
  if (group.plan.start != StartMode::joining) return;
  for (std::size_t i = 0; i < group.plan.count; ++i)
    plan(group.joining.at + group.joining.spacing * static_cast<std::int64_t>(i),
         {.turn = Turn::start, .nodes = std::span(all_).subspan(group.plan.first + i, 1)});
}

void PossibleStates::plan_fault(std::size_t index) {
  const Fault& fault = scenario_.faults[index];
  if (selects_nobody(fault.selection)) return;
  const auto turn = std::visit(overloaded{[](const StartNodes&) { return std::optional(Turn::start); },
                                          [](const CrashNodes&) { return std::optional(Turn::crash); },
                                          [](const LeaveNodes&) { return std::optional(Turn::leave); },
                                          [](const PauseNodes&) { return std::optional(Turn::pause); },
                                          [](const ResumeNodes&) { return std::optional(Turn::resume); },
                                          [](const Command&) { return std::optional(Turn::command); },
                                          [](const FireTimer&) { return std::optional(Turn::command); },
                                          [](const auto&) { return std::optional<Turn>(); }},
                               fault.action);
  if (turn)
    plan(fault.at, {.turn = *turn,
                    .nodes = fault.selection.nodes,
                    .is_certain = !fault.selection.number && !fault.selection.share,
                    .met = &met_by_faults_[index],
                    .fault = &fault});
}

// One node after the other; if they are drawn at random, any of them at any time.
void PossibleStates::plan_restarts(const Fault& fault, bool is_certain) {
  const std::span<const NodeIndex> nodes(fault.selection.nodes);
  const Turn stop = fault.graceful ? Turn::leave : Turn::crash;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const Duration at = is_certain ? fault.at + fault.spacing * static_cast<std::int64_t>(i) : fault.at;
    const auto one = nodes.subspan(i, 1);
    plan(at, {.turn = stop, .nodes = one, .is_certain = is_certain});
    plan(is_certain ? at + *fault.length : at, {.turn = Turn::start, .nodes = one, .is_certain = is_certain});
  }
}

void PossibleStates::apply(Duration at, const Event& event) {
  if (event.met != nullptr)
    for (const NodeIndex node : event.nodes) *event.met = static_cast<StateSet>(*event.met | now(node));
  if (event.fault != nullptr && event.fault->rolling) return plan_restarts(*event.fault, event.is_certain);
  for (const NodeIndex node : event.nodes) {
    if (event.turn == Turn::churn) in_churn_[node] = true;
    if (event.turn == Turn::workload) may_quit_[node] = true;
    StateSet states = after(event.turn, node, now(node));
    if (!event.is_certain || in_churn_[node]) states = static_cast<StateSet>(states | now(node));
    if (states != now(node)) changes_[node].push_back({at, states});
  }
  if (event.fault == nullptr || !event.fault->length) return;
  const Turn end = event.turn == Turn::pause ? Turn::resume : Turn::start;
  plan(at + *event.fault->length, {.turn = end, .nodes = event.nodes, .is_certain = event.is_certain});
}

// A node that is leaving may be gone at any time; a paused node neither hears commands nor leaves.
StateSet PossibleStates::after(Turn turn, NodeIndex node, StateSet states) const {
  const auto with = [states](StateSet more) { return static_cast<StateSet>(states | more); };
  const auto without = [](StateSet some, StateSet less) { return static_cast<StateSet>(some & ~less); };
  switch (turn) {
    case Turn::start:
      return has(states, state_leaving | state_down)
                 ? without(with(started(node)), may_quit_[node] ? 0 : state_leaving | state_down)
                 : states;
    case Turn::crash:
      return state_down;
    case Turn::leave:
      return has(states, state_up) ? without(with(state_leaving | state_down), state_up) : states;
    case Turn::pause:
      return has(states, state_up | state_leaving) ? without(with(state_paused), state_up) : states;
    case Turn::resume:
      return has(states, state_paused) ? without(with(started(node)), state_paused) : states;
    case Turn::command:
    case Turn::workload:
      return has(states, state_up) ? with(state_leaving | state_down) : states;
    case Turn::churn:
      return with(state_up | state_leaving | state_down);
  }
  return states;
}

}  // namespace peerbed::scenarios
