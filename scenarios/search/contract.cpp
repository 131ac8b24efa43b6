#include "scenarios/search/contract.h"

#include <algorithm>
#include <array>
#include <map>

#include "scenarios/backends/backend.h"
#include "scenarios/plan/lower.h"
#include "scenarios/text/overloaded.h"
#include "scenarios/text/units.h"
#include "scenarios/trial/burden.h"

namespace peerbed::scenarios {
namespace {

constexpr Duration never_again = Duration::max();

// Those that keep answers waiting for as long as they last.
constexpr std::array waiting_faults{SearchFault::pause, SearchFault::partition, SearchFault::clog,
                                    SearchFault::latency};

// The longest for which a deed keeps an answer waiting; or seems to, where a clock changes before it comes.
Duration longest_wait(const SearchPlan& plan, SearchFaults faults) {
  Duration longest{0};
  for (const SearchFault fault : waiting_faults)
    if (faults.contains(fault)) longest = plan.length.most;
  if (faults.contains(SearchFault::clock)) longest = std::max({longest, plan.offset.most, -plan.offset.least});
  return longest;
}

sim::MessageDeed message_deed(sim::MessageFate fate, const Deed& deed) {
  sim::MessageDeed message;
  message.fate = fate;
  message.source = deed.node;
  message.destination = deed.company.front();
  if (deed.message != 0) message.kind = deed.message;
  if (fate != sim::MessageFate::lost) message.by = deed.length;
  return message;
}

std::string scenario_name(const Scenario& scenario) {
  return scenario.document.sources.empty() ? scenario.name : scenario.document.sources.front();
}

}  // namespace

// Which nodes are stopped when. Deeds are put in by the order of their times.
class Contract::Timeline {
 public:
  explicit Timeline(const Contract& contract) : contract_(contract), stops_(contract.planned_) {}

  // Whether the node is up, and not paused or cut off by a deed, during all of [from, until).
  bool is_up(NodeIndex node, Duration from, Duration until) const {
    return std::none_of(stops_.begin(), stops_.end(),
                        [&](const Stop& stop) { return stop.node == node && stop.from < until && from < stop.until; });
  }
  void put(const Stop& stop) { stops_.push_back(stop); }
  // Starts a node that nothing else starts. Returns false if it was started before.
  bool start(NodeIndex node, Duration at) {
    const auto found = std::find_if(stops_.begin(), stops_.end(), [node](const Stop& stop) {
      return stop.node == node && stop.until == never_again && !stop.is_death;
    });
    if (found == stops_.end()) return false;
    found->until = at;
    return true;
  }

  // Whether no node stops or starts near that time. Where nodes that stop must stay away, starts count as well: each
  // change is to be over before the next.
  bool may_start(Duration at) const {
    const Duration notice = contract_.tolerance_.notice;
    return contract_.tolerance_.away == Duration::zero() ||
           std::none_of(stops_.begin(), stops_.end(), [&](const Stop& stop) {
             const auto is_near = [&](Duration other) {
               return other != never_again && (other >= at ? other - at : at - other) <= notice;
             };
             return (stop.is_death && is_near(stop.from)) || is_near(stop.until);
           });
  }
  // Whether these may die at once, and stay away until then.
  bool may_die(const Nodes& nodes, Duration at, Duration until) const {
    const Tolerance& tolerance = contract_.tolerance_;
    const auto recent = static_cast<std::size_t>(std::count_if(stops_.begin(), stops_.end(), [&](const Stop& stop) {
      return stop.is_death && (stop.from >= at ? stop.from - at : at - stop.from) <= tolerance.notice;
    }));
    if (recent + nodes.size() > tolerance.deaths) return false;
    if (until != never_again && !may_start(until)) return false;
    if (tolerance.away > Duration::zero() && !may_start(at)) return false;
    // The fewest are up when some stop, so at the beginning of this stop or of another within it.
    if (!leaves_enough(nodes, at)) return false;
    return std::all_of(stops_.begin(), stops_.end(), [&](const Stop& stop) {
      return stop.from <= at || stop.from >= until || leaves_enough(nodes, stop.from);
    });
  }

 private:
  bool leaves_enough(const Nodes& nodes, Duration at) const {
    std::size_t up = 0;
    for (NodeIndex node = 0; node < contract_.node_count_; ++node)
      if (!std::binary_search(nodes.begin(), nodes.end(), node) && is_up(node, at, at + Duration(1))) ++up;
    return up >= contract_.tolerance_.survivors;
  }

  const Contract& contract_;
  std::vector<Stop> stops_;
};

Contract::Contract(const Scenario& scenario)
    : tolerance_(tolerance_of(scenario, scenario.search.commands)),
      nodes_(scenario.search.nodes),
      from_(scenario.search.from),
      end_(scenario.duration),
      node_count_(scenario.node_count()),
      actions_(lowered_actions(scenario)) {
  const SearchPlan& plan = scenario.search;
  faults_ = plan.faults.value_or(tolerance_.faults);
  if (plan.commands.empty()) faults_.erase(SearchFault::command);
  if (plan.loss == 0) faults_.erase(SearchFault::loss);
  if (plan.deaths) tolerance_.deaths = *plan.deaths;
  if (plan.within) tolerance_.notice = *plan.within;
  if (plan.survivors) tolerance_.survivors = *plan.survivors;
  if (nodes_.empty())
    for (NodeIndex node = 0; node < node_count_; ++node) nodes_.push_back(node);
  const Duration longer = longest_wait(plan, faults_) * tolerance_.patience;
  Duration recovery = tolerance_.recovery;
  if (recovery > Duration::zero()) recovery += longer;
  if (tolerance_.counts_cuts && !plan.within) tolerance_.notice += longer;
  settle_ = plan.calm ? scenario.settle : std::max(scenario.settle, recovery);
  const Duration calm = plan.calm.value_or(settle_ + 2 * scenario.check_period);
  until_ = end_ - calm;
  if (until_ <= from_)
    throw ScenarioError({scenario_name(scenario)},
                        "no time is left for faults: each run ends with " + write_duration(calm) +
                            " of calm, in which the nodes recover, and lasts " + write_duration(end_) +
                            "; make `duration` longer, or waits and `checks.settle` shorter, or set `search.calm`");
  // Nodes that start later count as stopped before.
  std::vector<Duration> up_from(node_count_, never_again);
  for (const ScheduledAction& start : group_starts(scenario))
    for (const NodeIndex node : std::get<StartNodes>(start.action).nodes) up_from[node] = start.at;
  std::vector<bool> is_started(node_count_, false);
  std::map<NodeIndex, std::size_t> down;  // index of the stop that has no end yet
  for (NodeIndex node = 0; node < node_count_; ++node)
    if (up_from[node] > Duration::zero()) {
      if (up_from[node] == never_again) down[node] = planned_.size();
      planned_.push_back({node, Duration::zero(), up_from[node], false});
    }
  const auto stop = [&](const Nodes& nodes, Duration at) {
    for (const NodeIndex node : nodes)
      if (down.emplace(node, planned_.size()).second) planned_.push_back({node, at, never_again, true});
  };
  for (const ScheduledAction& each : actions_)
    std::visit(overloaded{[&](const StartNodes& action) {
                            for (const NodeIndex node : action.nodes)
                              if (const auto found = down.find(node); found != down.end()) {
                                planned_[found->second].until = each.at;
                                down.erase(found);
                                is_started[node] = true;
                              }
                          },
                          [&](const CrashNodes& action) { stop(action.nodes, each.at); },
                          [&](const LeaveNodes& action) { stop(action.nodes, each.at); }, [](const auto&) {}},
               each.action);
  for (const NodeIndex node : nodes_)
    if (up_from[node] == never_again && !is_started[node]) startable_.push_back(node);
  if (startable_.empty()) faults_.erase(SearchFault::start);
  if (tolerance_.deaths == 0)
    for (const SearchFault fault : {SearchFault::crash, SearchFault::wipe, SearchFault::leave}) faults_.erase(fault);
  if (faults_.empty())
    throw ScenarioError({scenario_name(scenario)},
                        "there is nothing that a search may vary: the nodes are promised to bear none of the faults "
                        "that `search` allows; name others under `search.faults`");
}

std::string Contract::words() const {
  std::string text;
  for (std::size_t i = 0; i < search_fault_count; ++i)
    if (faults_.contains(static_cast<SearchFault>(i)))
      text += (text.empty() ? "" : ", ") + std::string(search_fault_names[i]);
  text += "; between " + write_duration(from_) + " and " + write_duration(until_);
  if (tolerance_.deaths < node_count_)
    text += "; at most " + show_counted(tolerance_.deaths, "death") + " within " + write_duration(tolerance_.notice);
  return text;
}

void Contract::keep(Genome& genome) const {
  std::stable_sort(genome.deeds.begin(), genome.deeds.end(),
                   [](const Deed& one, const Deed& other) { return one.at < other.at; });
  if (!faults_.contains(SearchFault::latency)) genome.latency.reset();
  if (!faults_.contains(SearchFault::loss)) genome.loss = 0;
  if (!faults_.contains(SearchFault::duplicate)) genome.duplicate = 0;
  Timeline timeline(*this);
  const auto is_allowed = [&](Deed& deed) {
    if (!faults_.contains(deed.kind) || deed.at < from_ || deed.at >= until_) return false;
    const bool is_known = std::binary_search(nodes_.begin(), nodes_.end(), deed.node);
    if (!is_known) return false;
    const Duration end =
        deed.length == Duration::zero() || deed.length >= until_ - deed.at ? until_ : deed.at + deed.length;
    switch (deed.kind) {
      case SearchFault::start:
        if (!std::binary_search(startable_.begin(), startable_.end(), deed.node)) return false;
        return timeline.may_start(deed.at) && timeline.start(deed.node, deed.at);
      case SearchFault::crash:
      case SearchFault::wipe:
      case SearchFault::leave: {
        if (deed.length > Duration::zero()) deed.length = std::max(deed.length, tolerance_.away);
        if (deed.length >= until_ - deed.at) deed.length = Duration::zero();
        const Duration back = deed.length == Duration::zero() ? never_again : deed.at + deed.length;
        if (!timeline.is_up(deed.node, deed.at, back) || !timeline.may_die({deed.node}, deed.at, back)) return false;
        timeline.put({deed.node, deed.at, back, true});
        return true;
      }
      case SearchFault::pause:
        if (!timeline.is_up(deed.node, deed.at, end)) return false;
        if (tolerance_.counts_cuts && !timeline.may_die({deed.node}, deed.at, end)) return false;
        deed.length = end - deed.at;
        timeline.put({deed.node, deed.at, end, tolerance_.counts_cuts});
        return true;
      case SearchFault::partition:
      case SearchFault::clog: {
        const auto [side, others] = sides_of(deed);
        if (others.empty()) return false;
        const Nodes& cut = side.size() <= others.size() ? side : others;
        if (tolerance_.counts_cuts && !timeline.may_die(cut, deed.at, end)) return false;
        deed.length = end - deed.at;
        if (tolerance_.counts_cuts)
          for (const NodeIndex node : cut) timeline.put({node, deed.at, end, true});
        return true;
      }
      case SearchFault::clock:
        deed.length = end - deed.at;
        return deed.offset != Duration::zero() || deed.drift_ppb != 0;
      case SearchFault::command:
        return !deed.line.empty();
      case SearchFault::loss:
      case SearchFault::duplicate:
      case SearchFault::latency:
        if (deed.company.size() != 1 || deed.company.front() == deed.node) return false;
        return deed.kind != SearchFault::latency || deed.length > Duration::zero();
    }
    return false;
  };
  std::erase_if(genome.deeds, [&](Deed& deed) { return !is_allowed(deed); });
}

std::pair<Nodes, Nodes> Contract::sides_of(const Deed& deed) const {
  Nodes side = deed.company;
  side.push_back(deed.node);
  std::sort(side.begin(), side.end());
  side.erase(std::unique(side.begin(), side.end()), side.end());
  Nodes others;
  for (NodeIndex node = 0; node < node_count_; ++node)
    if (!std::binary_search(side.begin(), side.end(), node)) others.push_back(node);
  return {std::move(side), std::move(others)};
}

std::vector<ScheduledAction> Contract::actions(const Genome& genome) const {
  std::vector<ScheduledAction> actions = actions_;
  const auto add = [&](Duration at, Action action) { actions.push_back({at, std::move(action)}); };
  if (genome.latency || genome.loss > 0 || genome.duplicate > 0) {
    ChangeNetwork network;
    std::vector<std::pair<std::string, Value>> written;
    if (genome.latency) {
      network.change.latency = sim::LatencyModel::constant(*genome.latency);
      written.emplace_back("latency", scalar_value(write_duration(*genome.latency)));
    }
    const auto share = [](std::uint32_t per_mille) {
      return scalar_value(std::to_string(per_mille / 10) + "." + std::to_string(per_mille % 10) + "%");
    };
    if (genome.loss > 0) {
      written.emplace_back("loss", share(genome.loss));
      network.change.loss = sim::LossModel::independent(*parse_probability(written.back().second.scalar));
    }
    if (genome.duplicate > 0) {
      written.emplace_back("duplicate", share(genome.duplicate));
      network.change.duplicate = parse_probability(written.back().second.scalar);
    }
    network.change.written = map_value(std::move(written));
    add(Duration::zero(), std::move(network));
    if (genome.loss > 0 || genome.duplicate > 0) {
      ChangeNetwork restore;
      restore.restore = true;
      add(until_, std::move(restore));
    }
  }
  std::size_t cuts = 0;
  for (const Deed& deed : genome.deeds) {
    auto [side, others] = sides_of(deed);
    const Duration end = deed.at + deed.length;
    const bool is_for_good = deed.length == Duration::zero();
    switch (deed.kind) {
      case SearchFault::start:
        add(deed.at, StartNodes{{deed.node}});
        break;
      case SearchFault::crash:
      case SearchFault::wipe:
        add(deed.at, CrashNodes{{deed.node}, deed.kind == SearchFault::wipe ? Disk::wipe : Disk::keep});
        if (!is_for_good) add(end, StartNodes{{deed.node}});
        break;
      case SearchFault::leave:
        add(deed.at, LeaveNodes{{deed.node}});
        if (!is_for_good) add(end, StartNodes{{deed.node}});
        break;
      case SearchFault::pause:
        add(deed.at, PauseNodes{{deed.node}});
        add(end, ResumeNodes{{deed.node}});
        break;
      case SearchFault::partition: {
        const std::string name = "cut-" + std::to_string(++cuts);
        add(deed.at, Partition{name, std::move(side), std::move(others), deed.one_way});
        add(end, Heal{name});
        break;
      }
      case SearchFault::clog:
        add(deed.at, Clog{std::move(side), std::move(others), deed.length});
        break;
      case SearchFault::clock:
        add(deed.at, SetClock{{deed.node}, deed.offset, deed.drift_ppb});
        add(end, SetClock{{deed.node}, {}, 0});
        break;
      case SearchFault::command:
        add(deed.at, Command{{deed.node}, deed.line});
        break;
      case SearchFault::loss:
        add(deed.at, ChangeMessage{message_deed(sim::MessageFate::lost, deed)});
        break;
      case SearchFault::duplicate:
        add(deed.at, ChangeMessage{message_deed(sim::MessageFate::doubled, deed)});
        break;
      case SearchFault::latency:
        add(deed.at, ChangeMessage{message_deed(sim::MessageFate::delayed, deed)});
        break;
    }
  }
  std::stable_sort(actions.begin(), actions.end(),
                   [](const ScheduledAction& one, const ScheduledAction& other) { return one.at < other.at; });
  return actions;
}

}  // namespace peerbed::scenarios
