#pragma once
// The check of nodes of one type.

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "check/engine/explorer.h"
#include "check/nodes/node_form.h"
#include "check/nodes/node_options.h"
#include "check/nodes/node_system.h"
#include "protocols/environment/timer_type.h"
#include "scenarios/check/check_plan.h"
#include "scenarios/check/names.h"
#include "scenarios/check/node_check.h"
#include "scenarios/check/state_space_of.h"

namespace peerbed::scenarios {

template <Node N>
struct CheckedProperty {
  std::string name;
  // What is wrong in a state; empty if nothing is.
  std::function<std::string(const check::View<N>&)> flaw;
};

template <Node N>
class NodeCheckOf final : public NodeCheck {
 public:
  // The nodes, whom they may start through, and the guard are the caller's; the rest follows from the plan.
  check::NodeOptions<N> options;
  // For each node, the contacts of options.restarts; empty if a start has no choice.
  std::vector<std::vector<NodeIndex>> contacts;
  std::vector<CheckedProperty<N>> always;
  std::vector<CheckedProperty<N>> eventually;  // hold together
  // How a state's nodes are shown; as text if it is empty.
  std::function<std::vector<ShownNode>(const check::View<N>&)> shown;
  check::Scope scope{.commands = false, .timed = false, .horizon = std::chrono::hours(12)};

  explicit NodeCheckOf(const CheckPlan& plan) : plan_(plan) {
    const auto often = [](std::uint32_t count) {
      return static_cast<std::uint8_t>(std::min<std::uint32_t>(count, check::Budget::any));
    };
    options.clock = plan.clock == CheckClock::hasty ? check::Clock::hasty : check::Clock::patient;
    const bool in_exchanges = plan.steps == CheckSteps::exchange;
    options.granularity = in_exchanges ? check::Granularity::exchange : check::Granularity::message;
    options.skips_endless = in_exchanges;
    options.ages_at_timers = true;
    scope.between_exchanges = in_exchanges;
    name_questions(check::QuestioningNode<N> && !in_exchanges);
    options.age = age;
    options.longest_exchange = longest_exchange;
    options.budget = {.drop = often(plan.budget.drop),
                      .duplicate = often(plan.budget.duplicate),
                      .start = often(plan.budget.start),
                      .crash = often(plan.budget.crash),
                      .leave = often(plan.budget.leave),
                      .fire = often(plan.budget.fire)};
    for (std::size_t timer = 0; timer < N::timer_count; ++timer)
      options.is_deadline[timer] = timer_type<N>(timer).use == TimerUse::patience;
  }

  // Whether states that differ only in the ids of questions are one, where messages are steps: of nodes that ask
  // nothing but what they name (check/canonical/questions.h).
  void name_questions(bool are_named) {
    options.names_questions = scope.named_questions = scope.starts_alike = are_named;
    options.draws_anew = !are_named && options.granularity == check::Granularity::message;
  }

  CheckOutcome explore(const CheckSettings& settings) override {
    for (const CheckedProperty<N>& property : always)
      options.always.push_back(
          {property.name, [&](const check::View<N>& view) { return property.flaw(view).empty(); }});
    if (!eventually.empty())
      options.ideal = [this](const check::View<N>& view) { return first_unmet(view) == eventually.end(); };
    options.variant = variant;
    constexpr std::size_t most_ages = 64;
    if (plan_.steps == CheckSteps::message && plan_.clock == CheckClock::patient &&
        options.nodes.size() * (N::timer_count + 1) <= most_ages) {
      options.messages_outpace_periods = true;
      assumptions.emplace_back("messages arrive before a period has passed twice");
    }
    const System system(options, check::NodeForm<N>{scope});
    check::ExplorerOptions exploring{.jobs = settings.jobs, .records_graph = !eventually.empty()};
    if (plan_.states) exploring.at_most_states = *plan_.states;
    exploring.at_most_memory = plan_.memory.value_or(settings.memory);
    if (plan_.depth) exploring.at_most_depth = *plan_.depth;
    exploring.on_progress = settings.on_progress;
    check::Explorer<System> explorer(system, exploring);
    if (settings.file && std::filesystem::exists(*settings.file)) explorer.resume(*settings.file);
    CheckOutcome outcome{.exploration = explorer.run()};
    if (settings.file) keep(explorer, outcome.exploration.ending, *settings.file);
    outcome.verdict = outcome.exploration.verdict();
    Way way;
    if (const auto broken = outcome.exploration.nearest_broken()) {
      way = way_to(explorer, *broken);
      outcome.refutation = refutation_after(system, way, Refutation::Kind::broken);
    } else if (outcome.verdict == check::Verdict::proved && !eventually.empty()) {
      outcome.ideal_states = explorer.graph().ideal_states();
      if (const auto divergence = explorer.graph().divergence()) {
        const bool is_stuck = divergence->kind == check::Divergence::Kind::stuck;
        outcome.verdict = check::Verdict::refuted;
        way = way_to(explorer, divergence->states.front());
        outcome.refutation =
            refutation_after(system, way, is_stuck ? Refutation::Kind::stuck : Refutation::Kind::cycle);
      }
    }
    if (settings.shown.at_most > 0) outcome.space = space_of(system, settings, way.states);
    return outcome;
  }

 private:
  using System = check::NodeSystem<N, check::NodeForm<N>>;
  static void keep(const check::Explorer<System>& explorer, check::Ending ending, const std::filesystem::path& file) {
    using enum check::Ending;
    const bool may_go_on =
        ending == interrupted || ending == states_bound || ending == memory_bound || ending == depth_bound;
    if (may_go_on)
      explorer.save(file);
    else
      std::filesystem::remove(file);
  }
  // Far more than an exchange of a few nodes takes that comes to an end.
  static constexpr std::uint32_t longest_exchange = 300;
  // Longer than anything that a node waits for.
  static constexpr Duration age = std::chrono::hours(24);

  auto first_unmet(const check::View<N>& view) const {
    return std::find_if(eventually.begin(), eventually.end(),
                        [&](const CheckedProperty<N>& property) { return !property.flaw(view).empty(); });
  }

  // From an initial state; the first action leads from the first state to the second.
  struct Way {
    std::vector<check::NodeState> states;
    std::vector<check::NodeAction> actions;
  };
  static Way way_to(const check::Explorer<System>& explorer, check::StateNumber state) {
    const std::vector<check::PathStep> path = explorer.path_to(state);
    Way way{.states = explorer.states_along(path), .actions = {}};
    for (std::size_t i = 1; i < path.size(); ++i) way.actions.push_back(check::NodeAction::from(path[i].action));
    return way;
  }

  Refutation refutation_after(const System& system, const Way& way, Refutation::Kind kind) const {
    const check::View<N> view = system.view(way.states.back());
    const auto& properties = kind == Refutation::Kind::broken ? always : eventually;
    const auto unmet = std::find_if(properties.begin(), properties.end(),
                                    [&](const CheckedProperty<N>& property) { return !property.flaw(view).empty(); });
    Refutation refutation{.kind = kind, .property = unmet->name, .flaw = with_names(unmet->flaw(view), names)};
    for (std::size_t i = 0; i < way.actions.size(); ++i)
      refutation.steps.push_back(step_of(system.view(way.states[i]), way.actions[i]));
    return refutation;
  }

  StateSpace space_of(const System& system, const CheckSettings& settings,
                      const std::vector<check::NodeState>& way) const {
    using Maker = StateSpaceMaker<N, System>;
    std::vector<typename Maker::Property> properties;
    const auto add = [&](const CheckedProperty<N>& each, bool holds_always) {
      const auto flaw = [this, &each](const check::View<N>& view) { return with_names(each.flaw(view), names); };
      properties.push_back({each.name, holds_always, flaw});
    };
    for (const CheckedProperty<N>& each : always) add(each, true);
    for (const CheckedProperty<N>& each : eventually) add(each, false);
    const auto name = [&](const check::View<N>& view, const check::NodeAction& action) {
      return settings.words(step_of(view, action));
    };
    StateSpace space = Maker(system, settings.shown, name, shown, std::move(properties)).make(way);
    space.circle = circle;
    return space;
  }

  // An action in the state that it leads from.
  CheckStep step_of(const check::View<N>& view, const check::NodeAction& action) const {
    CheckStep step{.kind = action.kind, .node = action.node};
    if (action.kind == check::ActionKind::fire) step.timer = timer_type<N>(action.argument).name;
    if (action.kind == check::ActionKind::start && action.argument > 0 && !contacts.empty())
      step.contact = contacts[action.node][action.argument - 1];
    if (action.kind == check::ActionKind::command) step.command = options.commands[action.argument].line;
    using enum check::ActionKind;
    if (action.kind == deliver || action.kind == drop || action.kind == duplicate) {
      const check::Message& message = view.message(action.argument);
      step.message = check::kind_of<N>(message);
      step.sender = message.from;
    }
    if (action.kind == stream) step.stream = check::words_of_stream(view, action);
    return step;
  }

  CheckPlan plan_;
};

}  // namespace peerbed::scenarios
