#include "scenarios/backends/backend.h"

#include <algorithm>
#include <span>

#include "scenarios/text/overloaded.h"

namespace peerbed::scenarios {

Backend::Backend(const Scenario& scenario) : scenario_(scenario), placement_(scenario) {
  std::vector<const Protocol*> protocols;
  for (const Group& group : scenario_.groups) {
    auto found = std::find(protocols.begin(), protocols.end(), group.protocol.get());
    if (found == protocols.end()) {
      std::vector<GroupPlan> plans;
      for (const Group& other : scenario_.groups)
        if (other.protocol == group.protocol) plans.push_back(other.plan);
      runs_.push_back(group.protocol->begin(plans, scenario_.seed));
      found = protocols.insert(protocols.end(), group.protocol.get());
    }
    run_of_group_.push_back(static_cast<std::size_t>(found - protocols.begin()));
    populations_.push_back(runs_[run_of_group_.back()]->populate(group.plan));
  }
}

bool Backend::uses_streams() const noexcept {
  return std::any_of(populations_.begin(), populations_.end(), [](const auto& each) { return each->uses_streams(); });
}

std::size_t Backend::group_index(NodeIndex node) const {
  return static_cast<std::size_t>(&scenario_.group_of(node) - scenario_.groups.data());
}

sim::LinkLimit Backend::uplink(NodeIndex node) const { return placement_.uplink(node); }

sim::LinkLimit Backend::downlink(NodeIndex node) const { return placement_.downlink(node); }

// A node that is still leaving when it is to start again is stopped first.
bool Backend::start(NodeIndex node) {
  const bool was_leaving = leaving_.erase(node) != 0;
  const bool started = start_node(node) || (was_leaving && crash_node(node, Disk::keep) && start_node(node));
  if (started)
    for (const std::string& line : scenario_.group_of(node).on_start) command(node, line);
  return started;
}

std::size_t Backend::apply(const Action& action) {
  const auto each = [](const Nodes& nodes, auto&& act) {
    return static_cast<std::size_t>(std::count_if(nodes.begin(), nodes.end(), act));
  };
  return std::visit(
      overloaded{
          [&](const StartNodes& starts) { return each(starts.nodes, [&](auto node) { return start(node); }); },
          [&](const CrashNodes& crash) {
            return each(crash.nodes, [&](auto node) { return crash_node(node, crash.disk); });
          },
          [&](const LeaveNodes& leave) {
            return each(leave.nodes, [&](auto node) {
              const bool asked = ask_to_leave(node);
              if (asked) leaving_.insert(node);
              return asked;
            });
          },
          [&](const PauseNodes& pause) { return each(pause.nodes, [&](auto node) { return pause_node(node); }); },
          [&](const ResumeNodes& resume) { return each(resume.nodes, [&](auto node) { return resume_node(node); }); },
          [&](const Command& typed) { return each(typed.nodes, [&](auto node) { return command(node, typed.line); }); },
          [&](const FireTimer& fire) {
            return each(fire.nodes, [&](auto node) {
              const Group& group = scenario_.group_of(node);
              const std::span<const TimerType> timers = group.protocol->timers(*group.plan.options);
              const auto named = [&](const TimerType& timer) { return timer.name == fire.timer; };
              const auto found = std::find_if(timers.begin(), timers.end(), named);
              return found != timers.end() && fire_timer(node, static_cast<TimerId>(found - timers.begin()));
            });
          },
          [&](const auto&) { return change_surroundings(action); }},
      action);
}

std::vector<ScheduledAction> group_starts(const Scenario& scenario) {
  std::vector<ScheduledAction> starts;
  for (const Group& group : scenario.groups) {
    if (group.plan.start == StartMode::never) continue;
    StartNodes all;
    for (std::size_t i = 0; i < group.plan.count; ++i) {
      const auto node = group.plan.first + static_cast<NodeIndex>(i);
      if (group.plan.is_established(node)) all.nodes.push_back(node);
      if (group.plan.start == StartMode::joining)
        starts.push_back({group.joining.at + group.joining.spacing * static_cast<std::int64_t>(i), StartNodes{{node}}});
    }
    if (!all.nodes.empty()) starts.push_back({Duration::zero(), std::move(all)});
  }
  std::stable_sort(starts.begin(), starts.end(),
                   [](const ScheduledAction& a, const ScheduledAction& b) { return a.at < b.at; });
  return starts;
}

void Backend::show(Observer* observer, NodeIndex node, StepKind kind, std::string_view text) const {
  if (observer == nullptr) return;
  Step step;
  step.time = now();
  step.destination = node;
  step.kind = kind;
  step.bytes = std::as_bytes(std::span(text.data(), text.size()));
  observer->on_step(step);
}

}  // namespace peerbed::scenarios
