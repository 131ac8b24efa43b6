#include "scenarios/plan/lower.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>

#include "protocols/environment/random.h"
#include "scenarios/plan/built_in.h"
#include "scenarios/plan/churn_actions.h"
#include "scenarios/plan/write_action.h"
#include "scenarios/text/overloaded.h"

namespace peerbed::scenarios {
namespace {

constexpr std::uint64_t selection_purpose = 0x5E1EC7;  // separates these draws from all others of the seed

// Goes through faults and churn in order of time, tracking which nodes should be up, so that a fault that affects some
// of these can be resolved.
class Lowering {
 public:
  explicit Lowering(const Scenario& scenario)
      : scenario_(scenario), status_(scenario.node_count(), Status::as_planned) {}

  std::vector<ScheduledAction> run() {
    for (std::size_t i = 0; i < scenario_.churn.size(); ++i)
      for (ScheduledAction& scheduled : churn_actions(scenario_, i)) schedule(std::move(scheduled));
    for (std::size_t i = 0; i < scenario_.faults.size(); ++i)
      agenda_.emplace(std::pair(scenario_.faults[i].at, order_++), Item{{}, &scenario_.faults[i], i});
    while (!agenda_.empty()) {
      const auto [when, item] = *agenda_.begin();
      agenda_.erase(agenda_.begin());
      if (when.first >= scenario_.duration) break;
      if (item.fault == nullptr)
        settle(item.scheduled);
      else
        apply(*item.fault, item.index);
    }
    return std::move(actions_);
  }

 private:
  enum class Status : std::uint8_t { as_planned, up, down };
  // Either a scheduled action that is still to come, or a fault.
  struct Item {
    ScheduledAction scheduled;
    const Fault* fault = nullptr;
    std::size_t index = 0;
  };

  void schedule(ScheduledAction scheduled) {
    const Duration at = scheduled.at;
    agenda_.emplace(std::pair(at, order_++), Item{std::move(scheduled)});
  }

  bool is_up(NodeIndex node, Duration at) const {
    if (status_[node] != Status::as_planned) return status_[node] == Status::up;
    const Group& group = scenario_.group_of(node);
    if (group.plan.start != StartMode::joining) return group.plan.is_established(node);
    return group.joining.at + group.joining.spacing * static_cast<std::int64_t>(node - group.plan.first) <= at;
  }

  void settle(const ScheduledAction& scheduled) {
    const auto set = [this](const Nodes& nodes, Status status) {
      for (const NodeIndex node : nodes) status_[node] = status;
    };
    std::visit(overloaded{[&](const StartNodes& action) { set(action.nodes, Status::up); },
                          [&](const CrashNodes& action) { set(action.nodes, Status::down); },
                          [&](const LeaveNodes& action) { set(action.nodes, Status::down); }, [](const auto&) {}},
               scheduled.action);
    actions_.push_back(scheduled);
  }

  Nodes chosen(const Selection& selection, bool want_up, Duration at, std::size_t index, std::uint64_t side) const {
    if (!selection.number && !selection.share) return selection.nodes;
    Nodes candidates;
    for (const NodeIndex node : selection.nodes)
      if (is_up(node, at) == want_up) candidates.push_back(node);
    const auto size = static_cast<double>(candidates.size());
    const std::uint64_t number =
        selection.number ? *selection.number : static_cast<std::uint64_t>(std::llround(*selection.share * size));
    KeyedStream draws(key_of(scenario_.seed, selection_purpose, index, side));
    const std::size_t taken = std::min<std::size_t>(number, candidates.size());
    for (std::size_t i = 0; i < taken; ++i)
      std::swap(candidates[i], candidates[i + draws.below(candidates.size() - i)]);
    candidates.resize(taken);
    std::sort(candidates.begin(), candidates.end());
    return candidates;
  }

  Nodes other_side(const Fault& fault, const Nodes& nodes, std::size_t index) const {
    if (!fault.others.nodes.empty()) return chosen(fault.others, true, fault.at, index, 1);
    Nodes rest;
    for (NodeIndex node = 0; node < scenario_.node_count(); ++node)
      if (!std::binary_search(nodes.begin(), nodes.end(), node)) rest.push_back(node);
    return rest;
  }

  void apply(const Fault& fault, std::size_t index) {
    const bool is_start = std::holds_alternative<StartNodes>(fault.action);
    Nodes nodes = chosen(fault.selection, !is_start, fault.at, index, 0);
    const bool names_nodes = !fault.selection.nodes.empty();
    if (names_nodes && nodes.empty()) return;  // no node left to affect
    if (fault.rolling) return roll(fault, nodes);
    Action action = fault.action;
    std::visit(overloaded{[&](Partition& partition) {
                            if (partition.name.empty()) partition.name = "partition-" + std::to_string(index);
                            partition.to = other_side(fault, nodes, index);
                            partition.from = nodes;
                          },
                          [&](Clog& clog) {
                            clog.to = other_side(fault, nodes, index);
                            clog.from = nodes;
                          },
                          [](Heal&) {}, [](ChangeNetwork&) {}, [](ChangeMessage&) {}, [](ChangeLinkRate&) {},
                          [&](auto& other) { other.nodes = nodes; }},
               action);
    if (cuts_nobody_off(action)) return;
    if (fault.length) undo(action, fault.at + *fault.length);
    settle({fault.at, std::move(action)});
  }

  // Whether chance put all nodes on one side.
  static bool cuts_nobody_off(const Action& action) {
    if (const auto* partition = std::get_if<Partition>(&action)) return partition->to.empty();
    const auto* clog = std::get_if<Clog>(&action);
    return clog != nullptr && clog->to.empty();
  }

  // Schedules the end of a fault that has a length.
  void undo(const Action& action, Duration at) {
    std::visit(overloaded{[&](const CrashNodes& crash) {
                            schedule({at, StartNodes{crash.nodes}});
                          },
                          [&](const LeaveNodes& leave) {
                            schedule({at, StartNodes{leave.nodes}});
                          },
                          [&](const PauseNodes& pause) {
                            schedule({at, ResumeNodes{pause.nodes}});
                          },
                          [&](const Partition& partition) {
                            schedule({at, Heal{partition.name}});
                          },
                          [&](const Lie& lie) {
                            schedule({at, Lie{lie.nodes, 0}});
                          },
                          [&](const SetClock& clock) {
                            schedule({at, SetClock{clock.nodes, {}, 0}});
                          },
                          [&](const ChangeStorage& change) {
                            schedule({at, ChangeStorage{change.nodes, true, {}}});
                          },
                          [&](const ChangeNetwork& change) {
                            schedule({at, ChangeNetwork{change.from, change.to, true, {}}});
                          },
                          [&](ChangeRate change) {
                            change.rate.reset();
                            schedule({at, std::move(change)});
                          },
                          [&](ChangeLinkRate change) {
                            change.rate.reset();
                            schedule({at, change});
                          },
                          [](const auto&) {}},
               action);
  }

  void roll(const Fault& fault, const Nodes& nodes) {
    Duration at = fault.at;
    for (const NodeIndex node : nodes) {
      if (fault.graceful)
        schedule({at, LeaveNodes{{node}}});
      else
        schedule({at, CrashNodes{{node}, std::get<CrashNodes>(fault.action).disk}});
      schedule({at + *fault.length, StartNodes{{node}}});
      at += fault.spacing;
    }
  }

  const Scenario& scenario_;
  std::vector<Status> status_;
  std::map<std::pair<Duration, std::uint64_t>, Item> agenda_;
  std::uint64_t order_ = 0;
  std::vector<ScheduledAction> actions_;
};

// The resolved scenario is written to another folder, so relative file names would break.
void make_absolute(Value* file, const Document& document) {
  if (file == nullptr || file->scalar.starts_with(built_in_prefix)) return;
  if (document.is_built_in) {
    file->scalar.insert(0, built_in_prefix);
    return;
  }
  const std::filesystem::path path = std::filesystem::path(document.sources[0]).parent_path() / file->scalar;
  file->scalar = std::filesystem::absolute(path).lexically_normal().string();
}

Value* find_within(Value* value, std::initializer_list<const char*> keys) {
  for (const char* key : keys)
    if (value != nullptr) value = value->find(key);
  return value;
}

void make_paths_absolute(Value& root, const Document& document) {
  make_absolute(find_within(&root, {"network", "latency", "matrix", "file"}), document);
  make_absolute(find_within(&root, {"network", "latency", "topology", "file"}), document);
  make_absolute(find_within(&root, {"network", "latency", "topology", "link", "trace"}), document);
  if (Value* groups = root.find("groups"))
    for (Entry& group : groups->entries)
      for (const char* link : {"uplink", "downlink"})
        make_absolute(find_within(&group.value, {link, "trace"}), document);
}

// Names the nodes that run from the beginning, where churn said so.
void write_beginnings(Value& root, const Scenario& scenario) {
  for (const Group& group : scenario.groups) {
    const GroupPlan& plan = group.plan;
    if (!plan.established && !plan.founder) continue;
    std::vector<std::pair<std::string, Value>> start{
        {"converged", plan.established ? write_nodes(*plan.established) : sequence_value({})}};
    if (plan.founder) start.emplace_back("founder", scalar_value(std::to_string(*plan.founder)));
    set_entry(*root.find("groups")->find(plan.name), "start", map_value(std::move(start)));
  }
}

}  // namespace

std::vector<ScheduledAction> lowered_actions(const Scenario& scenario) { return Lowering(scenario).run(); }

Value resolved_document(const Scenario& scenario, const std::vector<ScheduledAction>& actions) {
  Value root = scenario.document.root;
  remove_entry(root, "parameters");
  set_entry(root, "lowered", scalar_value("true"));
  remove_entry(root, "churn");
  set_entry(root, "name", scalar_value(scenario.name));
  set_entry(root, "seed", scalar_value(std::to_string(scenario.seed)));
  make_paths_absolute(root, scenario.document);
  write_beginnings(root, scenario);
  if (actions.empty()) {
    remove_entry(root, "faults");
  } else {
    Value faults = sequence_value({});
    faults.elements.reserve(actions.size());
    for (const ScheduledAction& scheduled : actions) faults.elements.push_back(write_action(scheduled, scenario));
    set_entry(root, "faults", std::move(faults));
  }
  return root;
}

std::string resolved_scenario(const Scenario& scenario, const std::vector<ScheduledAction>& actions) {
  return write_document(resolved_document(scenario, actions));
}

}  // namespace peerbed::scenarios
