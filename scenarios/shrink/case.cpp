#include "scenarios/shrink/case.h"

#include <algorithm>
#include <array>
#include <limits>
#include <map>
#include <numeric>
#include <optional>
#include <set>
#include <tuple>

#include "scenarios/backends/backend.h"
#include "scenarios/plan/lower.h"
#include "scenarios/plan/write_action.h"
#include "scenarios/ring/ring_layout.h"
#include "scenarios/text/overloaded.h"
#include "scenarios/text/units.h"

namespace peerbed::scenarios {
namespace {

using analysis::RecordKind;

constexpr std::size_t most_commands = 20'000;  // more stay a stream
constexpr std::size_t most_single_deeds = 20'000;

// ---------------------------------------------------------------------------------------------------------------------
// From a scenario

// The node's number as the document's text; names of nodes change when groups are divided.
std::optional<NodeIndex> node_called(const Scenario& scenario, const std::string& word) {
  if (const auto number = parse_count(word); number && *number < scenario.node_count())
    return static_cast<NodeIndex>(*number);
  for (const Group& group : scenario.groups)
    for (std::size_t i = 0; i < group.plan.count; ++i) {
      const auto node = group.plan.first + static_cast<NodeIndex>(i);
      const bool is_only = group.plan.count == 1 && word == group.plan.name;
      if (is_only || word == scenario.name_of(node) || word == group.plan.name + "." + std::to_string(i)) return node;
    }
  return std::nullopt;
}

void number_nodes(Value* map, std::initializer_list<const char*> keys, const Scenario& scenario) {
  if (map == nullptr || map->kind != Value::Kind::map) return;
  for (const char* key : keys)
    if (Value* name = map->find(key); name != nullptr)
      if (const auto node = node_called(scenario, name->scalar)) *name = scalar_value(std::to_string(*node));
}

// Calls visit(map, keys) for each map of the document, outside groups and faults, that names nodes under these keys.
template <class Visit>
void for_each_naming(Value& rest, Visit&& visit) {
  const auto each = [](Value* list, auto&& act) {
    if (list == nullptr) return;
    if (list->kind == Value::Kind::map) act(*list);
    for (Value& element : list->elements) act(element);
  };
  if (Value* network = rest.find("network"))
    each(network->find("pairs"), [&](Value& pair) { visit(pair, {"from", "to"}); });
  each(rest.find("expect"), [&](Value& expectation) { visit(expectation, {"node"}); });
}

Case::Kind kind_of(const Scenario& scenario, std::size_t number, Value written) {
  const Group& group = scenario.groups[number];
  Case::Kind kind;
  kind.name = group.plan.name;
  kind.group = number;
  kind.settings = std::move(written);
  for (const char* key : {"count", "start", "bootstrap"}) remove_entry(kind.settings, key);
  set_entry(kind.settings, "protocol", scalar_value(std::string(group.protocol->name())));
  if (group.plan.bootstrap.count != std::numeric_limits<std::size_t>::max())
    kind.bootstrap_count = group.plan.bootstrap.count;
  kind.bootstrap = group.plan.bootstrap.nodes;
  kind.founder = group.plan.founder;
  kind.is_whole = group.protocol->has_members();
  return kind;
}

// The keys of the nodes of a ring's group, which the seed decides where they are not given; nothing where they cannot
// be given.
std::vector<Value> keys_of(const Scenario& scenario, std::size_t number) {
  const Group& group = scenario.groups[number];
  const auto* places_of_group = dynamic_cast<const RingPlaces*>(group.plan.options.get());
  if (places_of_group == nullptr || !places_of_group->can_be_given) return {};
  std::vector<GroupPlan> plans;  // of its protocol
  std::size_t place = 0;
  for (const Group& other : scenario.groups) {
    if (other.protocol != group.protocol) continue;
    if (&other == &group) place = plans.size();
    plans.push_back(other.plan);
  }
  return identifiers_of(plans, place, scenario.seed).elements;
}

// Moves an option that is a list with an element for each node to the nodes, which are the last of the case.
void list_option(Case& example, const char* name, const std::vector<Value>& list) {
  Case::Kind& kind = example.kinds.back();
  kind.listed.emplace_back(name);
  if (Value* options = kind.settings.find("options")) remove_entry(*options, name);
  const std::size_t first = example.nodes.size() - list.size();
  for (std::size_t i = 0; i < list.size(); ++i) example.nodes[first + i].listed.push_back(list[i]);
}

bool are_alike(const Case::Kind& a, const Case::Kind& b) {
  return !a.is_whole && a.listed == b.listed && a.bootstrap == b.bootstrap && a.bootstrap_count == b.bootstrap_count &&
         !a.founder && !b.founder && write_document(a.settings) == write_document(b.settings);
}

bool names_groups(const Scenario& scenario, const std::vector<ScheduledAction>& actions) {
  return !scenario.network.between.empty() ||
         std::any_of(actions.begin(), actions.end(), [](const ScheduledAction& scheduled) {
           const auto* change = std::get_if<ChangeNetwork>(&scheduled.action);
           return change != nullptr && (change->from || change->to);
         });
}

// The last kind becomes an earlier one that is like it.
void join_kind(Case& example) {
  const auto last = example.kinds.end() - 1;
  const auto same =
      std::find_if(example.kinds.begin(), last, [last](const auto& each) { return are_alike(each, *last); });
  if (same == last) return;
  for (Case::Node& node : example.nodes)
    if (node.kind == example.kinds.size() - 1) node.kind = static_cast<std::size_t>(same - example.kinds.begin());
  example.kinds.pop_back();
}

// One deed for each node, where one action is done to several.
std::vector<ScheduledAction> single(const std::vector<ScheduledAction>& actions) {
  std::vector<ScheduledAction> deeds;
  for (const ScheduledAction& scheduled : actions) {
    const Nodes* nodes = nodes_of(scheduled.action);
    if (nodes == nullptr || nodes->size() < 2 || deeds.size() + nodes->size() > most_single_deeds) {
      deeds.push_back(scheduled);
      continue;
    }
    for (const NodeIndex node : *nodes) {
      deeds.push_back(scheduled);
      *nodes_of(deeds.back().action) = {node};
    }
  }
  return deeds;
}

// The commands that the workload gave: those that neither a fault nor a node's start did.
std::vector<ScheduledAction> workload_of(const Scenario& scenario, const std::vector<ScheduledAction>& actions,
                                         const Causes& causes) {
  const std::span<const CausedStep> steps = causes.steps();
  using Given = std::tuple<Duration, NodeIndex, std::string>;
  std::map<Given, std::size_t> others;
  for (const ScheduledAction& scheduled : actions)
    if (const auto* command = std::get_if<Command>(&scheduled.action))
      for (const NodeIndex node : command->nodes) ++others[Given{scheduled.at, node, command->line}];
  std::vector<ScheduledAction> given;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const NodeIndex node = steps[i].node;
    if (steps[i].kind == RecordKind::start) {
      for (const std::string& line : scenario.group_of(node).on_start)
        if (i + 1 < steps.size() && steps[i + 1].kind == RecordKind::command && steps[i + 1].node == node &&
            causes.line_of(i + 1) == line)
          ++i;
      continue;
    }
    if (steps[i].kind != RecordKind::command) continue;
    const std::string& line = causes.line_of(i);
    if (const auto found = others.find(Given{steps[i].at, node, line}); found != others.end() && found->second > 0)
      --found->second;
    else
      given.push_back({steps[i].at, Command{{node}, line}});
  }
  return given;
}

bool begins_before(const ScheduledAction& a, const ScheduledAction& b) { return a.at < b.at; }

// ---------------------------------------------------------------------------------------------------------------------
// To a document

Value write_deed(const Case& example, const ScheduledAction& scheduled) {
  const auto* message = std::get_if<ChangeMessage>(&scheduled.action);
  if (message == nullptr) return write_action(scheduled, *example.original);
  // Its kind has a name in the protocol of the sender, which may have another number now.
  const std::size_t kind = example.nodes[message->deed.source].kind;
  const Group& sender = example.original->groups[example.kinds[kind].group];
  ScheduledAction stand_in = scheduled;
  std::get<ChangeMessage>(stand_in.action).deed.source = sender.plan.first;
  Value value = write_action(stand_in, *example.original);
  set_entry(value, "from", scalar_value(std::to_string(message->deed.source)));
  return value;
}

// Whether two actions do the same, each to nodes of its own.
bool do_the_same(const Action& a, const Action& b) {
  if (a.index() != b.index()) return false;
  return std::visit(overloaded{[](const StartNodes&) { return true; }, [](const LeaveNodes&) { return true; },
                               [](const PauseNodes&) { return true; }, [](const ResumeNodes&) { return true; },
                               [&](const CrashNodes& crash) { return crash.disk == std::get<CrashNodes>(b).disk; },
                               [&](const Command& command) { return command.line == std::get<Command>(b).line; },
                               [](const auto&) { return false; }},
                    a);
}

// Consecutive deeds at an instant that do the same to one node each become one entry. Nodes of an entry are affected in
// ascending order.
std::vector<ScheduledAction> merged(const std::vector<ScheduledAction>& deeds) {
  std::vector<ScheduledAction> together;
  for (const ScheduledAction& deed : deeds) {
    if (!together.empty() && together.back().at == deed.at && do_the_same(together.back().action, deed.action)) {
      Nodes& all = *nodes_of(together.back().action);
      const Nodes& nodes = *nodes_of(deed.action);
      if (all.back() < nodes.front()) {
        all.insert(all.end(), nodes.begin(), nodes.end());
        continue;
      }
    }
    together.push_back(deed);
  }
  return together;
}

// Which nodes of the group run from the start; nothing if all do.
std::optional<Value> write_start(const Case::Kind& kind, std::span<const Case::Node> nodes, std::size_t first) {
  Nodes running;
  for (std::size_t i = 0; i < nodes.size(); ++i)
    if (nodes[i].from_the_start) running.push_back(static_cast<NodeIndex>(first + i));
  if (running.size() == nodes.size()) return std::nullopt;
  if (running.empty() && !kind.founder) return scalar_value("never");
  std::vector<std::pair<std::string, Value>> start{{"converged", write_nodes(running)}};
  if (kind.founder) start.emplace_back("founder", scalar_value(std::to_string(*kind.founder)));
  return map_value(std::move(start));
}

// The nodes are those from number `first` on.
Value write_group(const Case::Kind& kind, std::span<const Case::Node> nodes, std::size_t first) {
  Value group = kind.settings;
  set_entry(group, "count", scalar_value(std::to_string(nodes.size())));
  if (std::optional<Value> start = write_start(kind, nodes, first)) set_entry(group, "start", std::move(*start));
  if (!kind.bootstrap.empty()) {
    Value bootstrap = write_nodes(kind.bootstrap);
    if (kind.bootstrap_count != 0)
      bootstrap = map_value({{"random", scalar_value(std::to_string(kind.bootstrap_count))}, {"of", bootstrap}});
    set_entry(group, "bootstrap", std::move(bootstrap));
  }
  if (!kind.listed.empty() && group.find("options") == nullptr) set_entry(group, "options", map_value({}));
  for (std::size_t i = 0; i < kind.listed.size(); ++i) {
    std::vector<Value> elements;
    for (const Case::Node& node : nodes) elements.push_back(node.listed[i]);
    set_entry(*group.find("options"), kind.listed[i], sequence_value(std::move(elements)));
  }
  return group;
}

Value write_groups(const Case& example) {
  std::vector<std::pair<std::string, Value>> groups;
  std::set<std::size_t> begun;  // kinds
  std::set<std::string> names;
  for (const Case::Kind& kind : example.kinds) names.insert(kind.name);
  for (std::size_t i = 0; i < example.nodes.size();) {
    const Case::Node& first = example.nodes[i];
    std::size_t end = i + 1;
    const Case::Kind& kind = example.kinds[first.kind];
    while (end < example.nodes.size() && example.nodes[end].kind == first.kind) ++end;
    std::string name = kind.name;
    if (!begun.insert(first.kind).second)
      for (std::size_t part = 2; !names.insert(name).second; ++part) name = kind.name + "-" + std::to_string(part);
    groups.emplace_back(std::move(name), write_group(kind, std::span(example.nodes).subspan(i, end - i), i));
    i = end;
  }
  return map_value(std::move(groups));
}

// ---------------------------------------------------------------------------------------------------------------------
// Numbers of nodes

class Renumbering {
 public:
  explicit Renumbering(std::vector<NodeIndex> numbers) : numbers_(std::move(numbers)) {}

  NodeIndex of(NodeIndex node) const { return numbers_[node]; }
  std::string of(const std::string& word) const {
    const auto node = parse_count(word);
    return node && *node < numbers_.size() && numbers_[*node] != no_node ? std::to_string(numbers_[*node]) : word;
  }
  Nodes of(const Nodes& nodes) const {
    Nodes kept;
    for (const NodeIndex node : nodes)
      if (numbers_[node] != no_node) kept.push_back(numbers_[node]);
    std::sort(kept.begin(), kept.end());
    return kept;
  }
  // Whether the action still has somebody to act on.
  bool apply(Action& action) const {
    if (Nodes* nodes = nodes_of(action)) {
      *nodes = of(*nodes);
      return !nodes->empty();
    }
    return std::visit(
        overloaded{[this](Partition& cut) { return sides(cut); }, [this](Clog& clog) { return sides(clog); },
                   [this](ChangeMessage& message) {
                     message.deed.source = of(message.deed.source);
                     message.deed.destination = of(message.deed.destination);
                     return message.deed.source != no_node && message.deed.destination != no_node;
                   },
                   [](auto&) { return true; }},
        action);
  }
  void apply(Value& number) const { number = scalar_value(of(number.scalar)); }
  // Words of a command that are numbers of nodes.
  void apply(std::string& line) const {
    std::string changed;
    for (std::size_t at = 0; at < line.size();) {
      const std::size_t end = std::min(line.find(' ', at), line.size() - 1) + 1;
      const bool is_last = line[end - 1] != ' ';
      const std::string word = line.substr(at, end - at - (is_last ? 0 : 1));
      changed += of(word) + (is_last ? "" : " ");
      at = end;
    }
    line = changed;
  }

 private:
  template <class Between>
  bool sides(Between& between) const {
    between.from = of(between.from);
    between.to = of(between.to);
    return !between.from.empty() && !between.to.empty();
  }

  std::vector<NodeIndex> numbers_;
};

}  // namespace

Nodes* nodes_of(Action& action) {
  return std::visit(
      [](auto& each) -> Nodes* {
        if constexpr (requires { each.nodes; })
          return &each.nodes;
        else
          return nullptr;
      },
      action);
}

const Nodes* nodes_of(const Action& action) { return nodes_of(const_cast<Action&>(action)); }

Duration* length_of(Action& action) {
  if (auto* clog = std::get_if<Clog>(&action)) return &clog->length;
  if (auto* clock = std::get_if<SetClock>(&action)) return &clock->offset;
  auto* message = std::get_if<ChangeMessage>(&action);
  return message == nullptr ? nullptr : &message->deed.by;
}

Case case_of(const Scenario& scenario, const std::vector<ScheduledAction>& actions, const Causes& causes) {
  Case example;
  example.original = std::make_shared<const Scenario>(scenario);
  example.duration = scenario.duration;
  example.rest = resolved_document(scenario, {});
  const Value groups = *example.rest.find("groups");
  for (const char* key : {"groups", "faults", "duration", "description"}) remove_entry(example.rest, key);
  for_each_naming(example.rest,
                  [&](Value& map, std::initializer_list<const char*> keys) { number_nodes(&map, keys, scenario); });

  const bool is_joined = !names_groups(scenario, actions);
  for (std::size_t g = 0; g < scenario.groups.size(); ++g) {
    const Group& group = scenario.groups[g];
    example.kinds.push_back(kind_of(scenario, g, *groups.find(group.plan.name)));
    for (std::size_t i = 0; i < group.plan.count; ++i)
      example.nodes.push_back(
          {example.kinds.size() - 1, group.plan.is_established(group.plan.first + static_cast<NodeIndex>(i)), {}});
    if (const std::vector<Value> keys = keys_of(scenario, g); !keys.empty()) list_option(example, "identifiers", keys);
    if (is_joined) join_kind(example);
  }

  // Nodes that join are started by deeds, which precede what else happens at their instant.
  for (const ScheduledAction& start : group_starts(scenario))
    if (const auto& nodes = std::get<StartNodes>(start.action).nodes; !example.nodes[nodes.front()].from_the_start)
      example.deeds.push_back(start);
  for (ScheduledAction& deed : single(actions)) example.deeds.push_back(std::move(deed));
  const std::vector<ScheduledAction> workload = workload_of(scenario, actions, causes);
  if (workload.size() <= most_commands) {
    remove_entry(example.rest, "workload");
    example.deeds.insert(example.deeds.end(), workload.begin(), workload.end());
  }
  std::stable_sort(example.deeds.begin(), example.deeds.end(), begins_before);
  return example;
}

Value document_of(const Case& example) {
  Value root = map_value({});
  const auto take = [&](const char* key) {
    if (const Value* value = example.rest.find(key)) set_entry(root, key, *value);
  };
  take("name");
  take("seed");
  set_entry(root, "duration", scalar_value(write_duration(example.duration)));
  take("network");
  set_entry(root, "groups", write_groups(example));
  for (const Entry& entry : example.rest.entries)
    if (root.find(entry.key.scalar) == nullptr && entry.key.scalar != "checks" && entry.key.scalar != "expect")
      set_entry(root, entry.key.scalar, entry.value);
  std::vector<Value> faults;
  for (const ScheduledAction& deed : merged(example.deeds)) faults.push_back(write_deed(example, deed));
  if (!faults.empty()) set_entry(root, "faults", sequence_value(std::move(faults)));
  take("checks");
  take("expect");
  return root;
}

Nodes running(const Case& example) {
  Nodes nodes;
  for (NodeIndex node = 0; node < example.nodes.size(); ++node)
    if (example.nodes[node].from_the_start) nodes.push_back(node);
  for (const ScheduledAction& deed : example.deeds)
    if (const auto* start = std::get_if<StartNodes>(&deed.action))
      nodes.insert(nodes.end(), start->nodes.begin(), start->nodes.end());
  std::sort(nodes.begin(), nodes.end());
  nodes.erase(std::unique(nodes.begin(), nodes.end()), nodes.end());
  return nodes;
}

Case without_starting(Case example, const Nodes& nodes) {
  std::vector<NodeIndex> kept(example.nodes.size());
  std::iota(kept.begin(), kept.end(), NodeIndex{0});
  for (const NodeIndex node : nodes) {
    kept[node] = no_node;
    example.nodes[node].from_the_start = false;
  }
  const Renumbering numbers(std::move(kept));
  std::erase_if(example.deeds, [&](ScheduledAction& deed) { return !numbers.apply(deed.action); });
  return example;
}

std::string with_argument(std::string line, const std::string& word, const std::string& by) {
  const std::string between = " " + word + " ";
  line += ' ';
  for (std::size_t at = line.find(between); at != std::string::npos; at = line.find(between, at + 1 + by.size()))
    line.replace(at + 1, word.size(), by);
  line.pop_back();
  return line;
}

Case renumbered(const Case& example, std::vector<NodeIndex> given, bool in_commands) {
  Case result = example;
  result.nodes.resize(given.size() - static_cast<std::size_t>(std::count(given.begin(), given.end(), no_node)));
  for (std::size_t i = 0; i < given.size(); ++i)
    if (given[i] != no_node) result.nodes[given[i]] = example.nodes[i];
  const Renumbering numbers(std::move(given));
  std::erase_if(result.deeds, [&](ScheduledAction& deed) { return !numbers.apply(deed.action); });
  if (in_commands)
    for (ScheduledAction& deed : result.deeds)
      if (auto* command = std::get_if<Command>(&deed.action)) numbers.apply(command->line);
  for (Case::Kind& kind : result.kinds) {
    kind.bootstrap = numbers.of(kind.bootstrap);
    if (kind.founder && numbers.of(*kind.founder) == no_node) kind.founder.reset();
    if (kind.founder) kind.founder = numbers.of(*kind.founder);
  }
  for_each_naming(result.rest, [&](Value& map, std::initializer_list<const char*> keys) {
    for (const char* key : keys)
      if (Value* number = map.find(key)) numbers.apply(*number);
  });
  return result;
}

Case ended_at(Case example, Duration end) {
  std::erase_if(example.deeds, [end](const ScheduledAction& deed) { return deed.at >= end; });
  example.duration = end;
  return example;
}

}  // namespace peerbed::scenarios
