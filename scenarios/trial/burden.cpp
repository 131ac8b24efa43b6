#include "scenarios/trial/burden.h"

#include <algorithm>
#include <deque>
#include <map>
#include <set>

#include "scenarios/backends/backend.h"
#include "scenarios/record/disturbance.h"
#include "scenarios/text/overloaded.h"

namespace peerbed::scenarios {
namespace {

// Who runs when, one action after the other.
class Toll {
 public:
  Toll(const Tolerance& tolerance, std::size_t nodes) : tolerance_(tolerance), since_(nodes), is_up_(nodes) {}

  void note(const ScheduledAction& scheduled) {
    const Duration at = scheduled.at;
    std::visit(overloaded{[&](const StartNodes& action) { each(action.nodes, &Toll::start, at); },
                          [&](const CrashNodes& action) { each(action.nodes, &Toll::stop, at); },
                          [&](const LeaveNodes& action) { each(action.nodes, &Toll::stop, at); },
                          [&](const PauseNodes& action) { each(action.nodes, &Toll::cut, at); },
                          [&](const ResumeNodes& action) {
                            for (const NodeIndex node : action.nodes) cut_.erase(node);
                          },
                          [&](const Partition& action) {
                            const Nodes& side = action.from.size() <= action.to.size() ? action.from : action.to;
                            each(side, &Toll::cut, at);
                            partitions_[action.name] = side;
                          },
                          [&](const Heal& action) { heal(action.name); },
                          [&](const Clog& action) {
                            const Nodes& side = action.from.size() <= action.to.size() ? action.from : action.to;
                            for (std::size_t i = 0; i < side.size() && tolerance_.counts_cuts; ++i) die(at);
                          },
                          [](const auto&) {}},
               scheduled.action);
  }
  const Burden& burden() const noexcept { return burden_; }

 private:
  void each(const Nodes& nodes, void (Toll::*act)(NodeIndex, Duration), Duration at) {
    for (const NodeIndex node : nodes) (this->*act)(node, at);
  }
  void start(NodeIndex node, Duration at) {
    if (is_up_[node]) return;
    is_up_[node] = true;
    if (at == Duration::zero()) return;
    if (since_[node] && at - *since_[node] < tolerance_.away) burden_.changes_too_close = true;
    change(at);
  }
  void stop(NodeIndex node, Duration at) {
    cut_.erase(node);
    if (!is_up_[node]) return;
    is_up_[node] = false;
    since_[node] = at;
    change(at);
    die(at);
  }
  void cut(NodeIndex node, Duration at) {
    if (!tolerance_.counts_cuts || !is_up_[node] || !cut_.insert(node).second) return;
    die(at);
  }
  void heal(const std::string& name) {
    for (const auto& [each, side] : partitions_)
      if (name.empty() || name == each)
        for (const NodeIndex node : side) cut_.erase(node);
  }
  // Each start or stop is to be over before the next.
  void change(Duration at) {
    if (changed_ && tolerance_.away > Duration::zero() && at - *changed_ <= tolerance_.notice)
      burden_.changes_too_close = true;
    changed_ = at;
  }
  void die(Duration at) {
    deaths_.push_back(at);
    while (at - deaths_.front() > tolerance_.notice) deaths_.pop_front();
    if (deaths_.size() > tolerance_.deaths) burden_.too_many_deaths = true;
    const auto up = static_cast<std::size_t>(std::count(is_up_.begin(), is_up_.end(), true));
    if (up - cut_.size() < tolerance_.survivors) burden_.too_few_survivors = true;
  }

  const Tolerance& tolerance_;
  std::vector<std::optional<Duration>> since_;  // when it stopped last
  std::vector<bool> is_up_;
  std::set<NodeIndex> cut_;  // of those that are up
  std::map<std::string, Nodes> partitions_;
  std::deque<Duration> deaths_;  // the latest ones
  std::optional<Duration> changed_;
  Burden burden_;
};

std::vector<std::string> commands_of(std::span<const ScheduledAction> actions) {
  std::vector<std::string> lines;
  for (const ScheduledAction& scheduled : actions)
    if (const auto* command = std::get_if<Command>(&scheduled.action)) lines.push_back(command->line);
  return lines;
}

// The longest for which anything of this keeps an answer waiting; or seems to, where a clock changes before it comes.
Duration longest_wait(const Scenario& scenario, std::span<const ScheduledAction> actions) {
  Disturbances disturbances(scenario);
  Duration longest{0};
  for (const ScheduledAction& scheduled : actions) {
    disturbances.note(scheduled.action, scheduled.at);
    if (const auto* clock = std::get_if<SetClock>(&scheduled.action))
      longest = std::max({longest, clock->offset, -clock->offset});
    if (const auto* message = std::get_if<ChangeMessage>(&scheduled.action))
      longest = std::max(longest, message->deed.by);
  }
  return std::max(longest, disturbances.longest_cut(scenario.duration));
}

}  // namespace

Tolerance tolerance_of(const Scenario& scenario, std::vector<std::string> commands) {
  for (const Workload& workload : scenario.workload) commands.push_back(workload.line);
  std::map<const Protocol*, std::vector<GroupPlan>> plans;
  for (const Group& group : scenario.groups) plans[group.protocol.get()].push_back(group.plan);
  Tolerance all;
  for (const auto& [protocol, groups] : plans) {
    const Tolerance one = protocol->tolerance(groups, commands);
    all.faults = all.faults & one.faults;
    all.deaths = std::min(all.deaths, one.deaths);
    all.notice = std::max(all.notice, one.notice);
    all.survivors = std::max(all.survivors, one.survivors);
    all.counts_cuts = all.counts_cuts || one.counts_cuts;
    all.away = std::max(all.away, one.away);
    all.recovery = std::max(all.recovery, one.recovery);
    all.patience = std::max(all.patience, one.patience);
  }
  return all;
}

Duration calm_needed(const Scenario& scenario, std::span<const ScheduledAction> actions, Duration usual_settle) {
  const Tolerance tolerance = tolerance_of(scenario, commands_of(actions));
  if (tolerance.recovery == Duration::zero()) return usual_settle;
  return std::min(usual_settle, tolerance.recovery + longest_wait(scenario, actions) * tolerance.patience);
}

Burden burden_of(const Scenario& scenario, std::span<const ScheduledAction> actions, Duration usual_settle) {
  Tolerance tolerance = tolerance_of(scenario, commands_of(actions));
  std::vector<ScheduledAction> all = group_starts(scenario);
  all.insert(all.end(), actions.begin(), actions.end());
  std::stable_sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.at < b.at; });
  Tolerance of_stops = tolerance;
  of_stops.counts_cuts = false;
  if (tolerance.counts_cuts) tolerance.notice += longest_wait(scenario, all) * tolerance.patience;
  Toll toll(tolerance, scenario.node_count());
  Toll stops(of_stops, scenario.node_count());
  for (const ScheduledAction& scheduled : all) {
    toll.note(scheduled);
    stops.note(scheduled);
  }
  Burden burden = toll.burden();
  burden.too_many_stops = stops.burden().too_many_deaths;
  burden.nothing_is_borne = tolerance.deaths == 0;
  burden.too_few_running = stops.burden().too_few_survivors;
  burden.calm_is_too_short = scenario.settle < calm_needed(scenario, actions, usual_settle);
  return burden;
}

}  // namespace peerbed::scenarios
