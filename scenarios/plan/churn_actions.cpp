#include "scenarios/plan/churn_actions.h"

#include <algorithm>
#include <exception>
#include <utility>

#include "protocols/environment/random.h"
#include "scenarios/text/overloaded.h"
#include "sim/random/churn.h"

namespace peerbed::scenarios {
namespace {

constexpr std::uint64_t churn_purpose = 0xC4012;  // separates these draws from all others of the seed

sim::ChurnSchedule schedule_of(const Churn& churn, sim::ChurnScope scope) {
  return std::visit(overloaded{[&](const SessionChurn& form) {
                                 scope.nodes = form.nodes;
                                 return sim::alternating_churn(scope, form.session, form.down, form.begin, form.means);
                               },
                               [&](const Arrivals& form) {
                                 scope.nodes = form.nodes;
                                 return sim::poisson_arrivals(scope, form.mean_interval, form.session);
                               },
                               [&](const FlashCrowd& form) {
                                 scope.nodes = form.nodes;
                                 return sim::flash_crowd(scope, form.within, form.session);
                               },
                               [&](const ChurnTrace& form) {
                                 scope.nodes = form.nodes;
                                 return sim::trace_churn(scope, *form.trace);
                               }},
                    churn.form);
}

Action action_of(const sim::ChurnEvent& event, Disk disk) {
  switch (event.kind) {
    case sim::ChurnKind::arrive:
    case sim::ChurnKind::return_:
      return StartNodes{{event.node}};
    case sim::ChurnKind::leave:
      return LeaveNodes{{event.node}};
    case sim::ChurnKind::crash:
      break;
  }
  return CrashNodes{{event.node}, disk};
}

// Whether the entry says which of its nodes are up when it begins.
bool says_who_is_up(const Churn& churn) {
  const auto* sessions = std::get_if<SessionChurn>(&churn.form);
  return std::holds_alternative<ChurnTrace>(churn.form) ||
         (sessions != nullptr && sessions->begin == sim::ChurnStart::equilibrium);
}

// The events of an entry before `until`.
sim::ChurnSchedule schedule_until(const Scenario& scenario, std::size_t index, Duration until) {
  const Churn& churn = scenario.churn[index];
  sim::ChurnScope scope;
  scope.from = time_zero + churn.from;
  scope.until = time_zero + until;
  scope.graceful_share = churn.graceful;
  scope.key = key_of(scenario.seed, churn_purpose, index);
  try {
    return schedule_of(churn, std::move(scope));
  } catch (const std::exception& exception) {
    throw ScenarioError(churn.position, "churn." + std::to_string(index) + ": " + exception.what());
  }
}

enum class Beginning : std::uint8_t { unsaid, down, up };

// What the entries say of each node's state at the beginning; empty if they say nothing.
std::vector<Beginning> beginnings(const Scenario& scenario) {
  std::vector<Beginning> all;
  for (std::size_t i = 0; i < scenario.churn.size(); ++i) {
    const Churn& churn = scenario.churn[i];
    if (!says_who_is_up(churn)) continue;
    all.resize(scenario.node_count(), Beginning::unsaid);
    for (const NodeIndex node : nodes_of(churn))
      if (std::exchange(all[node], Beginning::down) != Beginning::unsaid)
        throw ScenarioError(churn.position, "churn." + std::to_string(i) + ": an entry above already says when '" +
                                                scenario.name_of(node) + "' is up; name each node in one of them");
    if (churn.until <= churn.from) continue;
    for (const sim::ChurnEvent& event : schedule_until(scenario, i, churn.from + Duration{1}))
      if (event.kind == sim::ChurnKind::arrive) all[event.node] = Beginning::up;
  }
  return all;
}

// The node of these groups that churn starts first.
std::optional<NodeIndex> first_started(const Scenario& scenario, const std::vector<const Group*>& groups) {
  std::optional<std::pair<Time, NodeIndex>> first;
  for (std::size_t i = 0; i < scenario.churn.size(); ++i)
    for (const sim::ChurnEvent& event : schedule_until(scenario, i, scenario.churn[i].until)) {
      if (event.kind != sim::ChurnKind::arrive || (first && *first <= std::pair(event.at, event.node))) continue;
      if (std::find(groups.begin(), groups.end(), &scenario.group_of(event.node)) != groups.end())
        first = std::pair(event.at, event.node);
    }
  return first ? std::optional(first->second) : std::nullopt;
}

// Decides who begins the overlay of the groups that run this group's protocol, where the group is the first of them.
// Remarks on one whose nodes join through nodes that come and go.
void give_founder(Scenario& scenario, Group& group, const std::vector<Beginning>& all) {
  std::vector<const Group*> together;
  for (const Group& other : scenario.groups)
    if (other.protocol == group.protocol) together.push_back(&other);
  if (together.front() != &group) return;
  const auto some = [&](const auto& is_wanted) { return std::any_of(together.begin(), together.end(), is_wanted); };
  const bool has_beginning = some(
      [](const Group* other) { return other->plan.start == StartMode::joining || other->plan.is_any_established(); });
  if (!has_beginning) group.plan.founder = first_started(scenario, together);
  const bool has_anchor = some([&](const Group* other) {
    if (!other->plan.bootstrap.nodes.empty() || other->plan.start == StartMode::joining) return true;
    for (NodeIndex node = other->plan.first; node < other->plan.first + other->plan.count; ++node)
      if (all[node] == Beginning::unsaid && other->plan.is_established(node)) return true;
    return false;
  });
  if (!has_anchor)
    scenario.remarks.push_back("the nodes of group '" + group.plan.name +
                               "' join through nodes that come and go: one that starts while all those it knows are "
                               "down joins late; add a group that stays, and name it as `bootstrap`");
}

}  // namespace

std::vector<ScheduledAction> churn_actions(const Scenario& scenario, std::size_t index) {
  const Churn& churn = scenario.churn[index];
  std::vector<ScheduledAction> actions;
  for (const sim::ChurnEvent& event : schedule_until(scenario, index, churn.until)) {
    const Duration at = event.at.time_since_epoch();
    const bool runs_already = event.kind == sim::ChurnKind::arrive && at == churn.from &&
                              scenario.group_of(event.node).plan.is_established(event.node);
    if (!runs_already) actions.push_back({at, action_of(event, churn.disk)});
  }
  return actions;
}

void set_initial_states(Scenario& scenario) {
  const std::vector<Beginning> all = beginnings(scenario);
  for (const Churn& churn : scenario.churn)
    scenario.remarks.insert(scenario.remarks.end(), churn.remarks.begin(), churn.remarks.end());
  if (all.empty()) return;
  for (Group& group : scenario.groups) {
    if (group.plan.start != StartMode::converged) continue;
    const auto first = all.begin() + group.plan.first;
    const auto last = first + static_cast<std::ptrdiff_t>(group.plan.count);
    if (std::all_of(first, last, [](Beginning each) { return each == Beginning::unsaid; })) continue;
    if (group.plan.established)
      throw ScenarioError(
          scenario.churn.front().position,
          "group '" + group.plan.name +
              "' names the nodes that run from the beginning, but churn says so too; remove one of them");
    group.plan.established.emplace();
    for (auto each = first; each != last; ++each)
      if (*each != Beginning::down) group.plan.established->push_back(static_cast<NodeIndex>(each - all.begin()));
  }
  for (Group& group : scenario.groups)
    if (group.protocol->knows_bootstrap()) give_founder(scenario, group, all);
}

}  // namespace peerbed::scenarios
