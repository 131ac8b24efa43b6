#include <algorithm>
#include <array>
#include <filesystem>
#include <map>
#include <set>

#include "scenarios/check/names.h"
#include "scenarios/plan/churn_actions.h"
#include "scenarios/plan/load.h"
#include "scenarios/plan/metric_catalogue.h"
#include "scenarios/plan/site_placement.h"
#include "scenarios/protocol/value_history.h"
#include "scenarios/text/units.h"

namespace peerbed::scenarios {
namespace {

constexpr Duration default_check_period = std::chrono::seconds(10);
constexpr std::size_t maximum_groups = 1000;
constexpr std::uint64_t maximum_looks = 10'000'000;
constexpr Duration default_settle = std::chrono::minutes(1);

bool is_name(std::string_view text) {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  };
  return !text.empty() && text.size() <= 64 && !(text[0] >= '0' && text[0] <= '9') && text != "all" &&
         std::all_of(text.begin(), text.end(), fits);
}

// Replaces each $name by its value from `parameters:`.
class Parameters {
 public:
  explicit Parameters(const Document& document) : document_(document) {
    const Value* values = document.root.find("parameters");
    if (values == nullptr) return;
    if (values->kind != Value::Kind::map)
      Field(document, *values, "parameters").fail_expected("a map of names and values");
    for (const Entry& entry : values->entries) {
      const Field field(document, entry.value, "parameters." + entry.key.scalar);
      if (!is_name(entry.key.scalar)) field.fail("a parameter's name may contain only letters, digits, _ and -");
      field.text();
    }
    for (const Entry& entry : values->entries) values_.emplace(entry.key.scalar, &entry.value);
  }

  void fill_in(Value& value) const {
    if (value.kind == Value::Kind::scalar && value.scalar.find('$') != std::string::npos) fill_in_scalar(value);
    for (Value& element : value.elements) fill_in(element);
    for (Entry& entry : value.entries)
      if (&value != &document_.root || entry.key.scalar != "parameters") fill_in(entry.value);
  }

  std::vector<std::string> names() const {
    std::vector<std::string> names;
    for (const auto& [name, value] : values_) names.emplace_back(name);
    return names;
  }

  void refuse_unused(const std::set<std::string>& used) const {
    for (const auto& [name, value] : values_) {
      if (used.contains(std::string(name))) continue;
      std::vector<std::string> known = names();
      std::erase_if(known, [&](const std::string& other) { return !used.contains(other); });
      const std::string nearest = nearest_word(name, known);
      Field(document_, *value, "parameters." + std::string(name))
          .fail("nothing uses this parameter; " +
                (nearest.empty() ? "write $" + std::string(name) + " where its value belongs, or remove it"
                                 : "did you mean '" + nearest + "'?"));
    }
  }

  // Adds the names after a $ anywhere but under `parameters:`.
  static void add_uses(const Value& value, std::set<std::string>& used, bool is_root = true) {
    const std::string& text = value.scalar;
    if (text.starts_with('$')) used.insert(text.substr(1));
    for (std::size_t at = text.find('$'); at != std::string::npos; at = text.find('$', at + 1))
      used.insert(text.substr(at + 1, end_of_name(text, at) - at - 1));
    for (const Value& element : value.elements) add_uses(element, used, false);
    for (const Entry& entry : value.entries)
      if (!is_root || entry.key.scalar != "parameters") add_uses(entry.value, used, false);
  }

 private:
  // A parameter's invalid value is reported where the value is written.
  void fill_in_scalar(Value& value) const {
    const Value* whole = find(std::string_view(value.scalar).substr(1));
    if (value.scalar.front() == '$' && whole != nullptr)
      value = *whole;
    else
      value.scalar = filled(value.scalar, value);
  }
  static bool in_name(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  }

  // The end of the name after a $.
  static std::size_t end_of_name(std::string_view text, std::size_t dollar) {
    std::size_t end = dollar + 1;
    while (end < text.size() && in_name(text[end])) ++end;
    return end;
  }

  // Null if there is none.
  const Value* find(std::string_view name) const {
    const auto found = values_.find(name);
    return found == values_.end() ? nullptr : found->second;
  }

  std::string filled(const std::string& text, const Value& value) const {
    std::string out;
    for (std::size_t i = 0; i < text.size();) {
      const std::size_t end = text[i] == '$' ? end_of_name(text, i) : i + 1;
      if (end == i + 1) {
        out += text[i++];
        continue;
      }
      const std::string name = text.substr(i + 1, end - i - 1);
      const Value* found = find(name);
      if (found == nullptr) refuse_unknown(name, value);
      out += found->scalar;
      i = end;
    }
    return out;
  }

  [[noreturn]] void refuse_unknown(const std::string& name, const Value& value) const {
    const std::string nearest = nearest_word(name, names());
    throw ScenarioError(document_.position_of(value),
                        "unknown parameter '" + name + "'; " +
                            (nearest.empty() ? "define it under `parameters:`" : "did you mean '" + nearest + "'?"));
  }

  const Document& document_;
  std::map<std::string_view, const Value*> values_;
};

// A path may create keys, which the loader checks later, but not ones that nobody can have meant.
void check_path(const Document& document, const Override& override) {
  const std::string dotted = "." + override.path + ".";
  if (dotted.find("..") != std::string::npos)
    throw ScenarioError({override.source}, "a key is missing between two dots, or before or after one");
  const std::string prefix = "groups.";
  const Value* groups = document.root.find("groups");
  const std::size_t end = override.path.find('.', prefix.size());
  if (!override.path.starts_with(prefix) || end == std::string::npos || groups == nullptr) return;
  const std::string name = override.path.substr(prefix.size(), end - prefix.size());
  std::vector<std::string> known;
  for (const Entry& entry : groups->entries) known.push_back(entry.key.scalar);
  if (std::find(known.begin(), known.end(), name) != known.end()) return;
  const std::string nearest = nearest_word(name, known);
  throw ScenarioError({override.source}, "unknown group '" + name + "'; " +
                                             (nearest.empty() ? "known groups are " + joined_words(known)
                                                              : "did you mean '" + nearest + "'?"));
}

void apply(Document& document, const std::vector<Override>& overrides) {
  for (const Override& each : overrides) {
    const Value* parameters = document.root.find("parameters");
    check_path(document, each);
    const bool is_parameter = parameters != nullptr && parameters->find(each.path) != nullptr;
    set_path(document, is_parameter ? "parameters." + each.path : each.path, each.value, each.source);
  }
}

std::shared_ptr<const Protocol> find_protocol(const Field& field, const Registry& registry) {
  if (auto found = registry.find(field.text())) return found;
  std::vector<std::string> names;
  for (const auto& protocol : registry.all()) names.emplace_back(protocol->name());
  const std::string nearest = nearest_word(field.text(), names);
  field.fail("unknown protocol '" + field.text() + "'; " +
             (nearest.empty() ? "known protocols are " + joined_words(names) : "did you mean '" + nearest + "'?"));
}

void read_start(const Field& field, Group& group) {
  if (field.is_scalar()) {
    const std::array modes{StartMode::converged, StartMode::joining, StartMode::never};
    group.plan.start = modes[field.choice({"converged", "joining", "never"})];
    return;
  }
  if (field.value().find("converged") != nullptr) return;  // names nodes, which are not known yet
  group.plan.start = StartMode::joining;
  field.map([&](MapReader& map) {
    map.require("joining").map([&](MapReader& joining) {
      if (const auto at = joining.find("at")) group.joining.at = at->duration();
      if (const auto spacing = joining.find("spacing")) group.joining.spacing = spacing->duration();
    });
  });
}

// In files of older versions the coursework is a profile of the ring.
bool is_older_coursework(const Protocol& protocol, const Field& options) {
  const Value* const profile = options.value().find("profile");
  return protocol.name() == "ring" && profile != nullptr && profile->scalar == "coursework";
}

Group read_group(const std::string& name, const Field& field, const Registry& registry, NodeIndex first) {
  if (!is_name(name))
    field.fail(
        "a group's name may contain only letters, digits, _ and -, must not start with a digit, and cannot be 'all'");
  Group group;
  group.plan.name = name;
  group.plan.first = first;
  group.joining.spacing = std::chrono::seconds(1);
  field.map([&](MapReader& map) {
    group.protocol = find_protocol(map.require("protocol"), registry);
    const Field count = map.require("count");
    group.plan.count = count.count(1, maximum_nodes);
    static const Value no_options = map_value({});
    const auto options = map.find("options");
    const Field given = options ? *options : Field(field.document(), no_options, field.path() + ".options");
    MapReader reader(given);
    if (is_older_coursework(*group.protocol, given))
      if (const auto coursework = registry.find("coursework")) group.protocol = coursework;
    group.plan.options = group.protocol->read_options(reader, group.plan.count);
    reader.finish();
    if (const auto start = map.find("start")) read_start(*start, group);
    map.find("bootstrap");
    if (const auto commands = map.find("on_start"))
      for (const Field& command : commands->elements()) group.on_start.push_back(command.text());
    if (const auto link = map.find("uplink")) group.uplink = read_link(*link);
    if (const auto link = map.find("downlink")) group.downlink = read_link(*link);
    if (const auto nat = map.find("nat")) group.nat = read_nat(*nat);
    if (const auto firewall = map.find("firewall")) group.is_behind_firewall = firewall->choice({"inbound"}) == 0;
    group.plan.is_behind_gateway = group.nat || group.is_behind_firewall;
    if (const auto storage = map.find("storage"))
      storage->map([&](MapReader& disk) { group.storage = read_storage(disk).applied_to({}); });
    map.find("sites");
  });
  return group;
}

std::vector<Group> read_groups(const Field& field, const Registry& registry) {
  std::vector<Group> groups;
  std::size_t count = 0;
  if (field.value().entries.size() > maximum_groups)
    field.fail("more than " + show_count(maximum_groups) + " groups; merge some of them");
  field.map([&](MapReader& map) {
    for (const auto& [name, group] : map.all()) {
      groups.push_back(read_group(name, group, registry, static_cast<NodeIndex>(count)));
      count += groups.back().plan.count;
      if (count > maximum_nodes)
        group.fail("all groups together have more than " + show_count(maximum_nodes) + " nodes; reduce a count");
    }
  });
  if (groups.empty()) field.fail("name at least one group of nodes here");
  return groups;
}

// Properties of the scenario's protocols, by their names or by some words that no other has.
std::vector<std::string> read_demands(const Field& field, const Scenario& scenario) {
  std::vector<std::string> known;
  for (const Group& group : scenario.groups)
    for (std::string& property : group.protocol->demands())
      if (std::find(known.begin(), known.end(), property) == known.end()) known.push_back(std::move(property));
  if (known.empty()) field.fail("these protocols have no properties that can be demanded; remove this");
  std::vector<std::string> demanded;
  for (const Field& element : field.elements()) {
    try {
      demanded.push_back(chosen_names(std::vector{element.text()}, known, "property").front());
    } catch (const CheckError& error) {
      element.fail(error.what());
    }
  }
  return demanded;
}

// A map, or just a list of what is judged on request: [history].
void read_checks(const Field& field, Scenario& scenario) {
  if (!field.is_map()) {
    for (const Field& each : field.elements()) {
      each.choice({"history"});
      scenario.judges_history = true;
    }
    return;
  }
  field.map([&](MapReader& map) {
    if (const auto every = map.find("every")) {
      scenario.check_period = every->period();
      const auto looks = static_cast<std::uint64_t>(scenario.duration / scenario.check_period);
      if (looks > maximum_looks)
        every->fail("that is " + show_count(looks) + " samples in the run, but at most " + show_count(maximum_looks) +
                    " are allowed; sample less often");
    }
    if (const auto settle = map.find("settle")) scenario.settle = settle->duration();
    if (const auto changes = map.find("changes")) scenario.checks_changes = changes->boolean();
    if (const auto history = map.find("history")) scenario.judges_history = history->boolean();
    if (const auto always = map.find("always")) scenario.always = read_demands(*always, scenario);
    if (const auto finally = map.find("finally")) scenario.finally = read_demands(*finally, scenario);
  });
}

void check_history(const Field& field, const Scenario& scenario) {
  const auto has_history = [](const Group& group) { return ValueHistory::is_traced(group.protocol->trace_events()); };
  if (scenario.judges_history && std::none_of(scenario.groups.begin(), scenario.groups.end(), has_history))
    field.fail("no group puts and gets values, so there is no history to judge; remove 'history'");
}

void read_limits(const Field& field, Limits& limits) {
  field.map([&](MapReader& map) {
    if (const auto events = map.find("events")) limits.events = events->count(1, UINT64_MAX);
    if (const auto memory = map.find("memory")) {
      limits.memory = memory->size();
      if (*limits.memory == 0) memory->fail("a run needs some memory; write a size above 0");
    }
    if (const auto instant = map.find("instant")) limits.instant = instant->count(1, UINT64_MAX);
  });
}

// The nodes that joining nodes know: nodes, or {random: 3, of: nodes}.
Bootstrap read_bootstrap(const Field& field, const NodeSelector& selector, const std::vector<Group>& groups,
                         const Group& group) {
  if (!group.protocol->knows_bootstrap())
    field.fail("nodes of " + std::string(group.protocol->name()) + " take no initial contacts; remove this");
  const Selection selection = selector.selection(field, true);
  if (selection.share) field.fail("initial contacts are a number of nodes, such as {random: 3, of: nodes}");
  Bootstrap bootstrap{selection.nodes};
  if (selection.number) bootstrap.count = *selection.number;
  for (const NodeIndex node : bootstrap.nodes) {
    const auto after = std::find_if(groups.begin(), groups.end(),
                                    [node](const Group& other) { return node < other.plan.first + other.plan.count; });
    if (after->protocol != group.protocol)
      field.fail("group '" + after->plan.name + "' runs another protocol; name a group of the same protocol");
  }
  return bootstrap;
}

// Called when all groups are known, since they may name one another.
void read_bootstraps(const Field& field, const NodeSelector& selector, std::vector<Group>& groups) {
  field.map([&](MapReader& map) {
    std::size_t index = 0;
    for (const auto& [name, group] : map.all()) {
      Group& read = groups[index++];
      if (const Value* value = group.value().find("bootstrap"))
        read.plan.bootstrap =
            read_bootstrap(Field(group.document(), *value, group.path() + ".bootstrap"), selector, groups, read);
    }
  });
}

// The nodes that run from the beginning, and who begins an overlay that nobody runs from the beginning.
void read_established(const Field& start, const NodeSelector& selector, GroupPlan& plan) {
  const auto refuse_others = [&](const Field& field, const Nodes& nodes) {
    for (const NodeIndex node : nodes)
      if (node < plan.first || node >= plan.first + plan.count)
        field.fail("node " + std::to_string(node) + " is not of this group; name its own nodes");
  };
  start.map([&](MapReader& map) {
    const Field nodes = map.require("converged");
    plan.established = nodes.is_sequence() && nodes.value().elements.empty() ? Nodes{} : selector.nodes(nodes);
    refuse_others(nodes, *plan.established);
    if (const auto founder = map.find("founder")) {
      plan.founder = selector.one_node(*founder);
      refuse_others(*founder, {*plan.founder});
    }
  });
}

void read_established(const Field& field, const NodeSelector& selector, std::vector<Group>& groups) {
  field.map([&](MapReader& map) {
    std::size_t index = 0;
    for (const auto& [name, group] : map.all()) {
      GroupPlan& plan = groups[index++].plan;
      const Value* start = group.value().find("start");
      if (start != nullptr && start->kind == Value::Kind::map && plan.start == StartMode::converged)
        read_established(group.within("start"), selector, plan);
    }
  });
}

// Only IPv4 addresses are translated, and there is a number of addresses for NATs.
void check_nats(const Field& field, const Scenario& scenario) {
  std::size_t nats = 0;
  for (const Group& group : scenario.groups) {
    if (!group.nat) continue;
    const Field nat = field.child(group.plan.name, *field.value().find(group.plan.name)).within("nat");
    if (scenario.network.family == AddressFamily::ipv6)
      nat.fail("only IPv4 addresses are translated; write `firewall: inbound`, or `family: ipv4`");
    nats += 2 * ((group.plan.count + group.nat->hosts - 1) / group.nat->hosts);
    if (nats > sim::Gateways::maximum_nats)
      nat.fail("there are addresses for " + show_count(sim::Gateways::maximum_nats / 2) +
               " NATs with carriers at most; put more hosts behind each");
  }
}

// Each metric has one value in a run: a ring and a ring of the coursework are two scenarios.
void refuse_common_metrics(const Field& field, const std::vector<Group>& groups) {
  std::map<std::string, const Group*> owners;
  for (const Group& group : groups) {
    const std::optional<OwnMetrics> own = group.protocol->own_metrics();
    if (!own) continue;
    for (const auto& [name, unit] : own->names)
      if (const auto [owner, is_new] = owners.emplace(name, &group); owner->second->protocol != group.protocol)
        field.fail("groups '" + owner->second->plan.name + "' and '" + group.plan.name +
                   "' run protocols that are measured alike; put them into separate scenarios");
  }
}

void check_protocols(const Field& field, const std::vector<Group>& groups) {
  std::map<const Protocol*, std::vector<GroupInFile>> together;
  static const Value no_options = map_value({});
  for (const Group& group : groups) {
    const Value& value = *field.value().find(group.plan.name);
    const Value* options = value.find("options");
    const std::string path = field.path() + "." + group.plan.name + ".options";
    together[group.protocol.get()].push_back(
        {&group.plan, Field(field.document(), options != nullptr ? *options : no_options, path)});
  }
  for (const auto& [protocol, those] : together) protocol->check_together(those);
  refuse_common_metrics(field, groups);
}

void read_show_lines(const Field& field, Scenario& scenario) {
  if (!field.is_map()) {
    scenario.show_lines = field.boolean();
    return;
  }
  scenario.show_lines = true;
  field.map([&](MapReader& map) {
    for (const Field& text : map.require("without").elements()) scenario.hidden_lines.push_back(text.text());
  });
}

void read_top(MapReader& map, const Registry& registry, Scenario& scenario) {
  if (const auto name = map.find("name")) scenario.name = name->text();
  if (const auto description = map.find("description")) scenario.description = description->text();
  map.find("parameters");
  if (const auto seed = map.find("seed")) scenario.seed = seed->count(0, UINT64_MAX);
  const Field duration = map.require("duration");
  scenario.duration = duration.positive_duration();
  if (scenario.duration > maximum_run_length) duration.fail("a run can last at most 5 years of virtual time");
  if (const auto from = map.find("measure_from")) {
    scenario.measure_from = from->duration();
    if (scenario.measure_from >= scenario.duration) from->fail("measuring must start before the run ends");
  }
  const Field groups = map.require("groups");
  scenario.groups = read_groups(groups, registry);
  if (std::any_of(scenario.groups.begin(), scenario.groups.end(),
                  [](const Group& group) { return group.plan.is_behind_gateway; }))
    for (Group& group : scenario.groups) group.plan.options = group.protocol->among_gateways(group.plan.options);
  const NodeSelector selector(scenario.groups);
  check_protocols(groups, scenario.groups);
  if (const auto checks = map.find("checks")) read_checks(*checks, scenario);
  if (const auto checks = map.find("checks")) check_history(*checks, scenario);
  read_bootstraps(groups, selector, scenario.groups);
  read_established(groups, selector, scenario.groups);
  if (const auto limits = map.find("limits")) read_limits(*limits, scenario.limits);
  if (const auto network = map.find("network")) scenario.network = read_network(*network, selector);
  for (Group& group : scenario.groups) group.plan.address = sim::first_address(scenario.network.family);
  check_nats(groups, scenario);
  read_sites(groups, scenario);
  if (const auto workload = map.find("workload"))
    scenario.workload = read_workload(*workload, selector, scenario.duration);
  scenario.remarks = scenario.network.remarks;
  if (const auto churn = map.find("churn")) scenario.churn = read_churn(*churn, selector, scenario);
  set_initial_states(scenario);
  if (const auto faults = map.find("faults"))
    scenario.faults = read_faults(*faults, selector, scenario.network, scenario.duration);
  if (const auto expect = map.find("expect"))
    scenario.expectations =
        read_expectations(*expect, selector, MetricCatalogue(scenario.groups, scenario.judges_history));
  if (const auto search = map.find("search")) scenario.search = read_search(*search, selector, scenario.duration);
  if (const auto check = map.find("check")) scenario.check = read_check(*check);
  if (const auto lines = map.find("show_lines")) read_show_lines(*lines, scenario);
  if (const auto lowered = map.find("lowered")) scenario.is_lowered = lowered->boolean();
}

}  // namespace

Scenario load_scenario(Document document, const Registry& registry, const std::vector<Override>& overrides) {
  std::set<std::string> used;  // includes parameters in text that overrides replace
  Parameters::add_uses(document.root, used);
  apply(document, overrides);
  Parameters::add_uses(document.root, used);
  const Parameters parameters(document);
  parameters.fill_in(document.root);
  parameters.refuse_unused(used);
  Scenario scenario;
  scenario.name = std::filesystem::path(document.sources[0]).stem().string();
  scenario.check_period = default_check_period;
  scenario.settle = default_settle;
  Field(document, document.root, "").map([&](MapReader& map) {
    read_top(map, registry, scenario);
    map.suggest(parameters.names());
  });
  check_effects(scenario, Field(document, document.root, ""));
  scenario.document = std::move(document);
  return scenario;
}

Scenario load_scenario(const std::string& file, const Registry& registry, const std::vector<Override>& overrides,
                       const DocumentLimits& limits) {
  return load_scenario(read_document(file, limits), registry, overrides);
}

}  // namespace peerbed::scenarios
