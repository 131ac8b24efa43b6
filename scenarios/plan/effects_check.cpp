// What a scenario says and cannot have any effect: a fault that befalls nobody, a command that nobody understands, a
// partition healed that is not there. A list of faults out of a run is exempt, for people delete lines from it.

#include <algorithm>
#include <map>
#include <set>

#include "scenarios/plan/command_template.h"
#include "scenarios/plan/load.h"
#include "scenarios/text/overloaded.h"
#include "scenarios/text/units.h"

namespace peerbed::scenarios {
namespace {

constexpr std::size_t most_nodes_followed = 1'000'000;
constexpr Duration never = Duration::max();

std::string quoted(const std::string& name) { return "'" + name + "'"; }

// From when on each node may be up, down or paused, as far as the scenario may bring that about.
class Sessions {
 public:
  explicit Sessions(const Scenario& scenario) : scenario_(scenario), sessions_(scenario.node_count()) {
    for (const Group& group : scenario.groups)
      for (std::size_t i = 0; i < group.plan.count; ++i) begin(group, i);
    for (const Churn& churn : scenario.churn) note(churn);
    for (const Fault& fault : scenario.faults) note(fault);
    for (const Workload& stream : scenario.workload)
      for (const NodeIndex node : stream.nodes) may_be(node, &Life::down, stream.from);  // it may be told to leave
  }

  bool may_run(const Nodes& nodes, Duration at) const { return any(nodes, &Life::up, at); }
  bool may_be_down(const Nodes& nodes, Duration at) const { return any(nodes, &Life::down, at); }
  bool may_be_paused(const Nodes& nodes, Duration at) const { return any(nodes, &Life::paused, at); }

 private:
  struct Life {
    Duration up = never;
    Duration down = never;
    Duration paused = never;
  };

  bool any(const Nodes& nodes, Duration Life::*since, Duration at) const {
    return std::any_of(nodes.begin(), nodes.end(), [&](auto node) { return sessions_[node].*since <= at; });
  }
  void may_be(NodeIndex node, Duration Life::*state, Duration at) {
    sessions_[node].*state = std::min(sessions_[node].*state, at);
  }
  void all_may_be(const Nodes& nodes, Duration Life::*state, Duration at) {
    for (const NodeIndex node : nodes) may_be(node, state, at);
  }

  void begin(const Group& group, std::size_t place) {
    Life& life = sessions_[group.plan.first + place];
    if (group.plan.start == StartMode::converged) life.up = Duration::zero();
    if (group.plan.start == StartMode::joining)
      life.up = group.joining.at + group.joining.spacing * static_cast<std::int64_t>(place);
    const bool stays = group.protocol->runs_until_told() && group.on_start.empty();
    if (group.plan.start != StartMode::converged || !stays) life.down = Duration::zero();
  }
  void note(const Churn& churn) {
    std::visit(
        [&](const auto& form) {
          all_may_be(form.nodes, &Life::up, churn.from);
          all_may_be(form.nodes, &Life::down, churn.from);
        },
        churn.form);
  }
  void note(const Fault& fault) {
    const Nodes& nodes = fault.selection.nodes;
    if (std::holds_alternative<StartNodes>(fault.action)) all_may_be(nodes, &Life::up, fault.at);
    if (std::holds_alternative<CrashNodes>(fault.action) || std::holds_alternative<LeaveNodes>(fault.action)) {
      all_may_be(nodes, &Life::down, fault.at);
      if (fault.length) all_may_be(nodes, &Life::up, fault.at + *fault.length);
    }
    if (std::holds_alternative<PauseNodes>(fault.action)) all_may_be(nodes, &Life::paused, fault.at);
    if (std::holds_alternative<Command>(fault.action)) all_may_be(nodes, &Life::down, fault.at);
  }

  const Scenario& scenario_;
  std::vector<Life> sessions_;
};

class EffectsCheck {
 public:
  EffectsCheck(const Scenario& scenario, const Field& root) : scenario_(scenario), root_(root) {}

  void check() const {
    if (scenario_.is_lowered) return;
    check_commands();
    check_joins();
    check_partitions();
    if (scenario_.node_count() > most_nodes_followed) return;
    const Sessions lives(scenario_);
    check_groups(lives);
    check_workload(lives);
    check_faults(lives);
  }

 private:
  Field section(const char* key) const { return Field(root_.document(), *root_.value().find(key), key); }
  std::vector<Field> entries(const char* key) const {
    return root_.value().find(key) == nullptr ? std::vector<Field>() : section(key).elements();
  }
  static Field within(const Field& map, const char* key) {
    const Value* value = map.value().find(key);
    return value == nullptr ? map : Field(map.document(), *value, map.path() + "." + key);
  }
  Field group_field(const Group& group) const { return within(section("groups"), group.plan.name.c_str()); }

  // Every place where a command may stand.
  void check_commands() const {
    const std::vector<Field> streams = entries("workload");
    for (std::size_t i = 0; i < scenario_.workload.size(); ++i) {
      const Workload& stream = scenario_.workload[i];
      const std::uint64_t last = stream.times == UINT64_MAX ? 0 : stream.times - 1;
      for (const std::string& line : {filled_in_least(stream.line), filled_in_most(stream.line, last)})
        check_command(line, stream.nodes, within(streams[i], "do"));
    }
    const std::vector<Field> faults = entries("faults");
    for (std::size_t i = 0; i < scenario_.faults.size(); ++i)
      if (const auto* command = std::get_if<Command>(&scenario_.faults[i].action))
        check_command(command->line, scenario_.faults[i].selection.nodes, within(faults[i], "do"));
    for (const Group& group : scenario_.groups)
      for (std::size_t i = 0; i < group.on_start.size(); ++i)
        check_command(group, group.on_start[i], within(group_field(group), "on_start").elements()[i]);
  }
  void check_command(const std::string& line, const Nodes& nodes, const Field& field) const {
    for (const Group& group : scenario_.groups) {
      const auto first = std::lower_bound(nodes.begin(), nodes.end(), group.plan.first);
      if (first != nodes.end() && *first < group.plan.first + group.plan.count) check_command(group, line, field);
    }
  }
  static void check_command(const Group& group, const std::string& line, const Field& field) {
    const std::string fault = group.protocol->fault_of_command(*group.plan.options, line);
    if (!fault.empty())
      field.fail("nodes of group " + quoted(group.plan.name) + " do not understand this command: " + fault);
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
      within(group_field(group), "start")
          .fail(quoted(scenario_.name_of(group.plan.first + static_cast<NodeIndex>(late))) + " would join at " +
                write_duration(joins_at(late)) + ", after the end of the run (" + write_duration(scenario_.duration) +
                "); let it join earlier, or extend the run");
    }
  }

  // Walks through the cuts in the order of time. A cut that befalls some of the nodes may come to nothing; it counts.
  void check_partitions() const {
    struct Cut {
      bool opens = false;
      std::string name;
      const Field* heal = nullptr;  // null where the end of `for` heals it
    };
    const std::vector<Field> fields = entries("faults");
    std::multimap<Duration, Cut> cuts;
    std::vector<std::string> known;
    for (std::size_t i = 0; i < scenario_.faults.size(); ++i) {
      const Fault& fault = scenario_.faults[i];
      if (const auto* heal = std::get_if<Heal>(&fault.action))
        cuts.emplace(fault.at, Cut{false, heal->name, &fields[i]});
      if (const auto* partition = std::get_if<Partition>(&fault.action)) {
        known.push_back(name_of(*partition, i));
        cuts.emplace(fault.at, Cut{true, known.back(), nullptr});
      }
    }
    for (std::size_t i = 0; i < scenario_.faults.size(); ++i)
      if (const auto* partition = std::get_if<Partition>(&scenario_.faults[i].action);
          partition != nullptr && scenario_.faults[i].length)
        cuts.emplace(scenario_.faults[i].at + *scenario_.faults[i].length, Cut{false, name_of(*partition, i), nullptr});
    std::set<std::string> open;
    for (const auto& [at, cut] : cuts) {
      if (cut.opens) {
        open.insert(cut.name);
        continue;
      }
      if (cut.heal != nullptr && (cut.name.empty() ? open.empty() : !open.contains(cut.name)))
        refuse_heal(*cut.heal, cut.name, at, known);
      cut.name.empty() ? open.clear() : static_cast<void>(open.erase(cut.name));
    }
  }
  static std::string name_of(const Partition& partition, std::size_t index) {
    return partition.name.empty() ? "partition-" + std::to_string(index) : partition.name;
  }
  [[noreturn]] static void refuse_heal(const Field& fault, const std::string& name, Duration at,
                                       const std::vector<std::string>& known) {
    const Field field = within(fault, "heal");
    if (name.empty())
      field.fail("nothing is cut off at " + write_duration(at) + "; remove this, or add a partition before it");
    if (std::find(known.begin(), known.end(), name) != known.end())
      field.fail("the partition " + quoted(name) + " does not exist at " + write_duration(at) +
                 "; it starts later or has already healed");
    const std::string nearest = nearest_word(name, known);
    field.fail("unknown partition " + quoted(name) + "; " +
               (!nearest.empty() ? "did you mean " + quoted(nearest) + "?"
                : known.empty()  ? "give one a `name`"
                                 : "known partitions are " + joined_words(known)));
  }

  static Nodes nodes_of(const Group& group) {
    Nodes nodes(group.plan.count);
    for (std::size_t i = 0; i < nodes.size(); ++i) nodes[i] = group.plan.first + static_cast<NodeIndex>(i);
    return nodes;
  }
  void check_groups(const Sessions& lives) const {
    for (const Group& group : scenario_.groups)
      if (!lives.may_run(nodes_of(group), scenario_.duration))
        within(group_field(group), "start")
            .fail("nothing starts the nodes of group " + quoted(group.plan.name) +
                  "; start them with a fault or churn, or remove the group");
    const std::vector<Field> churn = entries("churn");
    for (std::size_t i = 0; i < scenario_.churn.size(); ++i) check_arrivals(scenario_.churn[i], churn[i]);
  }
  // Who runs from the beginning cannot arrive.
  void check_arrivals(const Churn& churn, const Field& field) const {
    const Nodes* arriving = nullptr;
    if (const auto* arrivals = std::get_if<Arrivals>(&churn.form)) arriving = &arrivals->nodes;
    if (const auto* crowd = std::get_if<FlashCrowd>(&churn.form)) arriving = &crowd->nodes;
    if (arriving == nullptr) return;
    const bool all_run = std::all_of(arriving->begin(), arriving->end(), [this](NodeIndex node) {
      return scenario_.group_of(node).plan.start == StartMode::converged;
    });
    if (all_run)
      field.fail("these nodes run from the beginning, so they cannot arrive; set `start: never` in their group");
  }

  void check_workload(const Sessions& lives) const {
    const std::vector<Field> fields = entries("workload");
    for (std::size_t i = 0; i < scenario_.workload.size(); ++i) {
      const Workload& stream = scenario_.workload[i];
      const Duration last =
          stream.period == Duration::zero() ? stream.from : std::min(stream.until, scenario_.duration);
      if (!lives.may_run(stream.nodes, last))
        fields[i].fail("none of these nodes is running by " + write_duration(last) +
                       ", so the command would go to no node; start them earlier");
    }
  }

  void check_faults(const Sessions& lives) const {
    const std::vector<Field> fields = entries("faults");
    for (std::size_t i = 0; i < scenario_.faults.size(); ++i) {
      const Fault& fault = scenario_.faults[i];
      const Nodes& nodes = fault.selection.nodes;
      const std::string at = write_duration(fault.at);
      const bool needs_running =
          std::holds_alternative<CrashNodes>(fault.action) || std::holds_alternative<LeaveNodes>(fault.action) ||
          std::holds_alternative<PauseNodes>(fault.action) || std::holds_alternative<Command>(fault.action);
      if (needs_running && !lives.may_run(nodes, fault.at))
        fields[i].fail("none of these nodes is running at " + at +
                       ", so this would have no effect; start them earlier");
      if (std::holds_alternative<StartNodes>(fault.action) && !lives.may_be_down(nodes, fault.at))
        fields[i].fail("all of these nodes are already running at " + at + "; stop them before, or remove this");
      if (std::holds_alternative<ResumeNodes>(fault.action) && !lives.may_be_paused(nodes, fault.at))
        fields[i].fail("none of these nodes is paused at " + at + "; pause them before, or remove this");
    }
  }

  const Scenario& scenario_;
  const Field& root_;
};

}  // namespace

void check_effects(const Scenario& scenario, const Field& root) { EffectsCheck(scenario, root).check(); }

}  // namespace peerbed::scenarios
