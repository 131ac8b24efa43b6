// Finds what can have no effect in a scenario: a fault that matches no node, a command that no node understands, the
// healing of a partition that does not exist. Fault lists taken from a run are exempt, because users delete lines from
// them.

#include <algorithm>
#include <map>

#include "scenarios/plan/command_template.h"
#include "scenarios/plan/load.h"
#include "scenarios/plan/possible_states.h"
#include "scenarios/plan/site_placement.h"
#include "scenarios/text/units.h"

namespace peerbed::scenarios {
namespace {

constexpr std::size_t most_nodes_followed = 1'000'000;

std::string quoted(const std::string& name) { return "'" + name + "'"; }

bool has(StateSet states, StateSet some) { return (states & some) != 0; }

class EffectsCheck {
 public:
  EffectsCheck(const Scenario& scenario, const Field& root) : scenario_(scenario), root_(root) {}

  void check() const {
    if (scenario_.is_lowered) return;
    check_commands();
    check_joins();
    check_cross_traffic();
    check_restores(scenario_, root_);
    if (scenario_.node_count() > most_nodes_followed) return;
    const PossibleStates possible(scenario_);
    check_groups(possible);
    check_churn(possible);
    check_workload(possible);
    check_faults(possible);
  }

 private:
  std::vector<Field> entries(const char* key) const {
    return root_.value().find(key) == nullptr ? std::vector<Field>() : root_.within(key).elements();
  }
  Field group_field(const Group& group) const { return root_.within("groups").within(group.plan.name); }

  // Checks commands wherever they may appear.
  void check_commands() const {
    Commands commands;
    const std::vector<Field> streams = entries("workload");
    for (std::size_t i = 0; i < scenario_.workload.size(); ++i) {
      const Workload& stream = scenario_.workload[i];
      const Field field = streams[i].within("do");
      const std::uint64_t last = stream.times == UINT64_MAX ? 0 : stream.times - 1;
      for (const Group* group : groups_of(stream.nodes)) {
        for (const std::string& line : {filled_in_least(stream.line), filled_in_most(stream.line, last)})
          check_command(*group, line, field);
        commands[group->protocol.get()].push_back({filled_in_any(stream.line), field});
      }
    }
    const std::vector<Field> faults = entries("faults");
    for (std::size_t i = 0; i < scenario_.faults.size(); ++i)
      if (const auto* command = std::get_if<Command>(&scenario_.faults[i].action))
        for (const Group* group : groups_of(scenario_.faults[i].selection.nodes))
          take_command(*group, command->line, faults[i].within("do"), commands);
    for (std::size_t i = 0; i < scenario_.faults.size(); ++i)
      if (const auto* fire = std::get_if<FireTimer>(&scenario_.faults[i].action))
        for (const Group* group : groups_of(scenario_.faults[i].selection.nodes))
          check_timer(*group, fire->timer, faults[i].within("timer"));
    for (const Group& group : scenario_.groups)
      for (std::size_t i = 0; i < group.on_start.size(); ++i)
        take_command(group, group.on_start[i], group_field(group).within("on_start").elements()[i], commands);
    for (const auto& [protocol, given] : commands) protocol->check_commands(plans_of(*protocol), given);
  }
  using Commands = std::map<const Protocol*, std::vector<CommandInFile>>;

  std::vector<const Group*> groups_of(const Nodes& nodes) const {
    std::vector<const Group*> groups;
    for (const Group& group : scenario_.groups) {
      const auto first = std::lower_bound(nodes.begin(), nodes.end(), group.plan.first);
      if (first != nodes.end() && *first < group.plan.first + group.plan.count) groups.push_back(&group);
    }
    return groups;
  }
  std::vector<GroupPlan> plans_of(const Protocol& protocol) const {
    std::vector<GroupPlan> plans;
    for (const Group& group : scenario_.groups)
      if (group.protocol.get() == &protocol) plans.push_back(group.plan);
    return plans;
  }
  static void take_command(const Group& group, const std::string& line, const Field& field, Commands& commands) {
    check_command(group, line, field);
    commands[group.protocol.get()].push_back({line, field});
  }
  static void check_command(const Group& group, const std::string& line, const Field& field) {
    const std::string fault = group.protocol->fault_of_command(*group.plan.options, line);
    if (!fault.empty())
      field.fail("nodes of group " + quoted(group.plan.name) + " do not understand this command: " + fault);
  }

  // Traffic on a link without a rate takes nothing from anybody.
  void check_cross_traffic() const {
    if (scenario_.network.cross_traffic.empty()) return;
    const std::vector<Field> fields = root_.within("network").within("cross_traffic").elements();
    const SitePlacement placement(scenario_);
    double changes = 0;
    for (std::size_t i = 0; i < fields.size(); ++i) {
      const CrossTraffic& traffic = scenario_.network.cross_traffic[i];
      if (traffic.from >= scenario_.duration)
        fields[i].fail("this traffic starts after the end of the run (" + write_duration(scenario_.duration) +
                       "); start it earlier, or extend the run");
      if ((changes += expected_changes(traffic)) > most_load_changes)
        fields[i].fail(
            "cross traffic changes more than 5,000,000 times in the run; use fewer sources, or longer times");
      for (const NodeIndex node : traffic.uplinks)
        if (!placement.uplink(node).is_limited())
          fields[i].within("uplink").fail("the up-link of " + quoted(scenario_.name_of(node)) +
                                          " has no rate, so this would have no effect; give it one");
      for (const NodeIndex node : traffic.downlinks)
        if (!placement.downlink(node).is_limited())
          fields[i]
              .within("downlink")
              .fail("the down-link of " + quoted(scenario_.name_of(node)) +
                    " has no rate, so this would have no effect; give it one");
      if (!traffic.path || is_limited(*traffic.path)) continue;
      fields[i].within("between").fail("no link of the topology on this path has a rate, so this would have no effect");
    }
  }
  double expected_changes(const CrossTraffic& traffic) const {
    const Duration length = std::min(traffic.until, scenario_.duration) - traffic.from;
    const double places = traffic.path ? 1 : static_cast<double>(traffic.uplinks.size() + traffic.downlinks.size());
    const double period = traffic.on          ? traffic.on->mean() + traffic.off->mean()
                          : traffic.transfers ? static_cast<double>(traffic.transfers->mean_interval.count())
                                              : static_cast<double>(scenario_.duration.count());
    return 2 * places * static_cast<double>(traffic.sources) * static_cast<double>(length.count()) /
           std::max(period, 1.0);
  }
  bool is_limited(const std::pair<sim::SiteIndex, sim::SiteIndex>& path) const {
    const sim::Backbone& backbone = scenario_.network.backbone;
    if (backbone.links().empty()) return false;
    for (auto leg = backbone.first_leg(path.first, path.second); leg.link != sim::no_link;
         leg = backbone.leg_behind(leg.link, path.second))
      if (backbone.links()[leg.link].limit.is_limited()) return true;
    return false;
  }

  static void check_timer(const Group& group, const std::string& name, const Field& field) {
    std::vector<std::string> known;
    for (const TimerType& timer : group.protocol->timers(*group.plan.options))
      if (!timer.name.empty()) known.emplace_back(timer.name);
    if (std::find(known.begin(), known.end(), name) != known.end()) return;
    const std::string which = known.empty() ? "its timers have no names; remove this" : "use " + joined_words(known);
    field.fail("nodes of group " + quoted(group.plan.name) + " have no timer " + quoted(name) + "; " + which);
  }

  void check_joins() const {
    for (const Group& group : scenario_.groups) {
      if (group.plan.start != StartMode::joining) continue;
      const auto joins_at = [&](std::size_t i) {
        return group.joining.at + group.joining.spacing * static_cast<std::int64_t>(i);
      };
      if (joins_at(group.plan.count - 1) < scenario_.duration) continue;
      std::size_t late = 0;
      while (joins_at(late) < scenario_.duration) ++late;
      group_field(group).within("start").fail(
          quoted(scenario_.name_of(group.plan.first + static_cast<NodeIndex>(late))) + " would join at " +
          write_duration(joins_at(late)) + ", after the end of the run (" + write_duration(scenario_.duration) +
          "); let it join earlier, or extend the run");
    }
  }

  static Nodes nodes_of(const Group& group) {
    Nodes nodes(group.plan.count);
    for (std::size_t i = 0; i < nodes.size(); ++i) nodes[i] = group.plan.first + static_cast<NodeIndex>(i);
    return nodes;
  }
  // A search may start what nothing else starts.
  void check_groups(const PossibleStates& possible) const {
    if (root_.value().find("search") != nullptr) return;
    for (const Group& group : scenario_.groups)
      if (!scenario_.check && !possible.may_be(nodes_of(group), state_running, Duration::zero(), scenario_.duration))
        group_field(group).within("start").fail("nothing starts the nodes of group " + quoted(group.plan.name) +
                                                "; start them with a fault or churn, or remove the group");
  }

  void check_churn(const PossibleStates& possible) const {
    const std::vector<Field> fields = entries("churn");
    for (std::size_t i = 0; i < scenario_.churn.size(); ++i) {
      const Churn& churn = scenario_.churn[i];
      const std::string at = write_duration(churn.from);
      const StateSet met = possible.met_by_churn(i);
      if (const auto* arrivals = std::get_if<Arrivals>(&churn.form)) check_arrivals(arrivals->nodes, fields[i]);
      if (const auto* crowd = std::get_if<FlashCrowd>(&churn.form)) check_arrivals(crowd->nodes, fields[i]);
      if (const auto* trace = std::get_if<ChurnTrace>(&churn.form))
        refuse_joining(trace->nodes, "the trace has them up", fields[i].within("trace"));
      if (const auto* sessions = std::get_if<SessionChurn>(&churn.form)) check_sessions(*sessions, met, at, fields[i]);
    }
  }
  // A node that runs from the beginning cannot arrive.
  void check_arrivals(const Nodes& arriving, const Field& field) const {
    const bool one_runs = std::any_of(arriving.begin(), arriving.end(), [this](NodeIndex node) {
      return scenario_.group_of(node).plan.is_established(node);
    });
    if (one_runs)
      field.fail("these nodes run from the beginning, so they cannot arrive; set `start: never` in their group");
  }
  // A node that joins while its host was down does not follow the trace, and so with an equilibrium.
  void refuse_joining(const Nodes& nodes, const std::string& reason, const Field& field) const {
    for (const Group* group : groups_of(nodes))
      if (group->plan.start == StartMode::joining)
        field.fail("group " + quoted(group->plan.name) + " starts its nodes whether or not " + reason +
                   "; remove its `start`, or write `start: never`");
  }
  void check_sessions(const SessionChurn& sessions, StateSet met, const std::string& at, const Field& field) const {
    if (sessions.begin == sim::ChurnStart::equilibrium)
      return refuse_joining(sessions.nodes, "the equilibrium has them up", field.within("begin"));
    if (!has(met, state_running))
      field.fail("none of these nodes is running at " + at +
                 ", so no session can end; start them before, or write `begin: equilibrium`");
  }

  void check_workload(const PossibleStates& possible) const {
    const std::vector<Field> fields = entries("workload");
    for (std::size_t i = 0; i < scenario_.workload.size(); ++i) {
      const Workload& stream = scenario_.workload[i];
      const Duration last =
          stream.period == Duration::zero() ? stream.from : std::min(stream.until, scenario_.duration);
      if (!possible.may_be(stream.nodes, state_running, Duration::zero(), last))
        fields[i].fail("none of these nodes is running by " + write_duration(last) +
                       ", so the command would go to no node; start them earlier");
      if (!possible.may_be(stream.nodes, state_running, stream.from, last))
        fields[i].fail("all of these nodes have stopped by " + write_duration(stream.from) +
                       ", so the command would go to no node; start them again, or give it earlier");
    }
  }

  void check_faults(const PossibleStates& possible) const {
    const std::vector<Field> fields = entries("faults");
    for (std::size_t i = 0; i < scenario_.faults.size(); ++i) check_rate(scenario_.faults[i], possible, fields[i]);
    for (std::size_t i = 0; i < scenario_.faults.size(); ++i)
      if (const StateSet met = possible.met_by_fault(i); met != 0 && !wipes(scenario_.faults[i], possible))
        check_fault(scenario_.faults[i], met, fields[i]);
  }
  // A link's rate matters while its node runs.
  void check_rate(const Fault& fault, const PossibleStates& possible, const Field& field) const {
    const auto* change = std::get_if<ChangeRate>(&fault.action);
    if (change == nullptr || fault.selection.nodes.empty()) return;
    const Duration end = fault.length ? std::min(fault.at + *fault.length, scenario_.duration) : scenario_.duration;
    if (!possible.may_be(fault.selection.nodes, state_running, fault.at, end))
      field.within("rate").fail("none of these nodes is running from " + write_duration(fault.at) + " to " +
                                write_duration(end) + ", so this would have no effect; start them earlier");
  }
  // A crash that wipes disks also does so where a node is down.
  static bool wipes(const Fault& fault, const PossibleStates& possible) {
    const auto* crash = std::get_if<CrashNodes>(&fault.action);
    return crash != nullptr && crash->disk == Disk::wipe && !fault.rolling &&
           possible.may_be(fault.selection.nodes, state_running, Duration::zero(), fault.at);
  }
  static void check_fault(const Fault& fault, StateSet met, const Field& field) {
    const std::string at = write_duration(fault.at);
    if (std::holds_alternative<StartNodes>(fault.action)) {
      if (!has(met, state_down | state_leaving))
        field.fail("all of these nodes are already running at " + at + "; stop them before, or remove this");
      return;
    }
    if (std::holds_alternative<ResumeNodes>(fault.action)) {
      if (!has(met, state_paused))
        field.fail("none of these nodes is paused at " + at + "; pause them before, or remove this");
      return;
    }
    if (!has(met, state_running))
      field.fail("none of these nodes is running at " + at + ", so this would have no effect; start them earlier");
    if (std::holds_alternative<LeaveNodes>(fault.action) && !has(met, state_up | state_paused))
      field.fail("all of these nodes are already leaving at " + at + "; start them before, or remove this");
    if (!std::holds_alternative<CrashNodes>(fault.action) && !has(met, state_up | state_leaving))
      field.fail("all of these nodes are paused at " + at + ", so this would have no effect; resume them before");
  }

  const Scenario& scenario_;
  const Field& root_;
};

}  // namespace

void check_effects(const Scenario& scenario, const Field& root) { EffectsCheck(scenario, root).check(); }

}  // namespace peerbed::scenarios
