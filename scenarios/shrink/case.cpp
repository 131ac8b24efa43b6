#include "scenarios/shrink/case.h"

#include <algorithm>
#include <array>
#include <limits>
#include <map>
#include <optional>
#include <tuple>

#include "scenarios/backends/backend.h"
#include "scenarios/plan/lower.h"
#include "scenarios/plan/write_action.h"
#include "scenarios/shrink/round_numbers.h"
#include "scenarios/text/overloaded.h"
#include "scenarios/text/units.h"

namespace peerbed::scenarios {
namespace {

using analysis::RecordKind;

constexpr std::size_t most_commands = 20'000;  // more stay a stream
constexpr std::size_t most_single_deeds = 20'000;
constexpr std::size_t share_of_messages = 1'000'000;  // in CaseSize::drops

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

Case::Kind kind_of(const Group& group, const Value& written, const std::vector<GroupPlan>& plans, std::size_t index,
                   std::uint64_t seed) {
  Case::Kind kind;
  kind.name = group.plan.name;
  kind.settings = written;
  for (const char* key : {"count", "start", "bootstrap"}) remove_entry(kind.settings, key);
  set_entry(kind.settings, "protocol", scalar_value(std::string(group.protocol->name())));
  if (group.plan.bootstrap.count != std::numeric_limits<std::size_t>::max())
    kind.bootstrap_count = group.plan.bootstrap.count;
  kind.bootstrap = group.plan.bootstrap.nodes;
  for (auto& [key, value] : group.protocol->drawn_options(plans, index, seed)) {
    Value* options = kind.settings.find("options");
    if (options == nullptr) {
      set_entry(kind.settings, "options", map_value({}));
      options = kind.settings.find("options");
    }
    set_entry(*options, key, std::move(value));
  }
  if (const Value* options = kind.settings.find("options"))
    for (const Entry& option : options->entries)
      if (option.value.kind == Value::Kind::sequence && option.value.elements.size() == group.plan.count)
        kind.listed.push_back(option.key.scalar);
  return kind;
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
  const auto& sender = example.original->groups[example.nodes[message->deed.source].kind];
  ScheduledAction stand_in = scheduled;
  std::get<ChangeMessage>(stand_in.action).deed.source = sender.plan.first;
  Value value = write_action(stand_in, *example.original);
  set_entry(value, "from", scalar_value(std::to_string(message->deed.source)));
  return value;
}

// Consecutive deeds at an instant that do the same to one node each become one entry.
std::vector<ScheduledAction> merged(const std::vector<ScheduledAction>& deeds) {
  std::vector<ScheduledAction> together;
  for (const ScheduledAction& deed : deeds) {
    const Nodes* nodes = nodes_of(deed.action);
    if (nodes != nullptr && !together.empty() && together.back().at == deed.at &&
        together.back().action.index() == deed.action.index()) {
      ScheduledAction joint = together.back();
      Nodes& all = *nodes_of(joint.action);
      // Nodes of an entry are affected in ascending order.
      if (all.back() < nodes->front()) {
        all.insert(all.end(), nodes->begin(), nodes->end());
        ScheduledAction same = deed;
        *nodes_of(same.action) = all;
        static const Scenario none{};  // these actions name no group
        const bool alike = std::holds_alternative<ChangeStorage>(deed.action) ||
                                   std::holds_alternative<SetClock>(deed.action) ||
                                   std::holds_alternative<Lie>(deed.action)
                               ? false
                               : write_document(write_action(joint, none)) == write_document(write_action(same, none));
        if (alike) {
          together.back() = std::move(joint);
          continue;
        }
      }
    }
    together.push_back(deed);
  }
  return together;
}

Value write_group(const Case::Kind& kind, std::span<const Case::Node> nodes) {
  Value group = kind.settings;
  set_entry(group, "count", scalar_value(std::to_string(nodes.size())));
  if (!nodes.front().from_the_start) set_entry(group, "start", scalar_value("never"));
  if (!kind.bootstrap.empty()) {
    Value bootstrap = write_nodes(kind.bootstrap);
    if (kind.bootstrap_count != 0)
      bootstrap = map_value({{"random", scalar_value(std::to_string(kind.bootstrap_count))}, {"of", bootstrap}});
    set_entry(group, "bootstrap", std::move(bootstrap));
  }
  Value* options = group.find("options");
  for (std::size_t i = 0; i < kind.listed.size(); ++i) {
    std::vector<Value> elements;
    for (const Case::Node& node : nodes) elements.push_back(node.listed[i]);
    set_entry(*options, kind.listed[i], sequence_value(std::move(elements)));
  }
  return group;
}

Value write_groups(const Case& example) {
  std::vector<std::pair<std::string, Value>> groups;
  std::vector<std::size_t> parts(example.kinds.size());
  for (std::size_t i = 0; i < example.nodes.size();) {
    const Case::Node& first = example.nodes[i];
    std::size_t end = i + 1;
    while (end < example.nodes.size() && example.nodes[end].kind == first.kind &&
           example.nodes[end].from_the_start == first.from_the_start)
      ++end;
    const Case::Kind& kind = example.kinds[first.kind];
    const std::size_t part = ++parts[first.kind];
    groups.emplace_back(part == 1 ? kind.name : kind.name + "-" + std::to_string(part),
                        write_group(kind, std::span(example.nodes).subspan(i, end - i)));
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
  void apply(Value& number) const {
    if (const auto node = parse_count(number.scalar); node && *node < numbers_.size() && numbers_[*node] != no_node)
      number = scalar_value(std::to_string(numbers_[*node]));
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

bool has_key(const Value* map, const char* key) { return map != nullptr && map->find(key) != nullptr; }

// Messages that the network loses, doubles or delays by chance.
std::size_t drops_by_chance(const Value& rest) {
  const Value* network = rest.find("network");
  std::size_t drops = 0;
  for (const char* key : {"loss", "duplicate", "reorder", "corrupt", "jitter"})
    drops += has_key(network, key) ? share_of_messages : 0;
  const Value* latency = network == nullptr ? nullptr : network->find("latency");
  if (latency != nullptr && latency->kind != Value::Kind::scalar) drops += share_of_messages;
  return drops;
}

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

Case case_of(const Scenario& scenario, const std::vector<ScheduledAction>& actions, const Causes& causes) {
  Case example;
  example.original = std::make_shared<const Scenario>(scenario);
  example.duration = scenario.duration;
  example.rest = resolved_document(scenario, {});
  const Value groups = *example.rest.find("groups");
  for (const char* key : {"groups", "faults", "duration", "description"}) remove_entry(example.rest, key);
  for_each_naming(example.rest,
                  [&](Value& map, std::initializer_list<const char*> keys) { number_nodes(&map, keys, scenario); });

  for (std::size_t g = 0; g < scenario.groups.size(); ++g) {
    const Group& group = scenario.groups[g];
    std::vector<GroupPlan> plans;
    std::size_t index = 0;
    for (const Group& other : scenario.groups) {
      if (other.protocol != group.protocol) continue;
      if (&other == &group) index = plans.size();
      plans.push_back(other.plan);
    }
    example.kinds.push_back(kind_of(group, *groups.find(group.plan.name), plans, index, scenario.seed));
    Case::Kind& kind = example.kinds.back();
    const Value* options = kind.settings.find("options");
    for (std::size_t i = 0; i < group.plan.count; ++i) {
      Case::Node node{g, group.plan.start == StartMode::converged, false, {}};
      for (const std::string& key : kind.listed) node.listed.push_back(options->find(key)->elements[i]);
      example.nodes.push_back(std::move(node));
    }
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

Case renumbered(const Case& example) {
  std::vector<NodeIndex> numbers;
  NodeIndex next = 0;
  for (const Case::Node& node : example.nodes) numbers.push_back(node.off ? no_node : next++);
  return renumbered(example, std::move(numbers));
}

Case renumbered(const Case& example, std::vector<NodeIndex> given) {
  Case result = example;
  result.nodes.resize(given.size() - static_cast<std::size_t>(std::count(given.begin(), given.end(), no_node)));
  for (std::size_t i = 0; i < given.size(); ++i)
    if (given[i] != no_node) result.nodes[given[i]] = example.nodes[i];
  const Renumbering numbers(std::move(given));
  std::erase_if(result.deeds, [&](ScheduledAction& deed) { return !numbers.apply(deed.action); });
  for (Case::Kind& kind : result.kinds) kind.bootstrap = numbers.of(kind.bootstrap);
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

CaseSize size_of(const Case& example) {
  CaseSize size;
  for (const Case::Node& node : example.nodes) ++(node.off ? size.off : size.nodes);
  for (const ScheduledAction& deed : example.deeds)
    ++(std::holds_alternative<Command>(deed.action)         ? size.commands
       : std::holds_alternative<ChangeMessage>(deed.action) ? size.drops
                                                            : size.faults);
  size.drops += drops_by_chance(example.rest);
  if (example.rest.find("workload") != nullptr) size.commands += most_commands;
  size.duration = round_number(example.duration.count());
  size.text = write_document(document_of(example));
  return size;
}

bool operator<(const CaseSize& a, const CaseSize& b) {
  const auto rank = [](const CaseSize& size) {
    return std::tuple(size.nodes, size.faults, size.drops, size.commands, size.duration, size.off, size.text.size());
  };
  if (rank(a) != rank(b)) return rank(a) < rank(b);
  return a.text < b.text;
}

}  // namespace peerbed::scenarios
