// Finds restorations of what was never disturbed: a partition that does not exist, or network conditions, rates, disks
// or clocks that are unchanged; and rates that are changed to what they are.

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "scenarios/plan/load.h"
#include "scenarios/plan/site_placement.h"
#include "scenarios/text/overloaded.h"
#include "scenarios/text/units.h"

namespace peerbed::scenarios {
namespace {

std::string name_of(const Partition& partition, std::size_t index) {
  return partition.name.empty() ? "partition-" + std::to_string(index) : partition.name;
}

// Goes through the faults in order of time. A fault on some of the nodes may turn out to have no effect, but still
// counts.
class RestoresCheck {
 public:
  RestoresCheck(const Scenario& scenario, const Field& root) : scenario_(scenario) {
    if (root.value().find("faults") != nullptr) fields_ = root.within("faults").elements();
  }

  void check() {
    for (std::size_t i = 0; i < scenario_.faults.size(); ++i) agenda_.emplace(scenario_.faults[i].at, Turn{i, false});
    for (std::size_t i = 0; i < scenario_.faults.size(); ++i)
      if (const Fault& fault = scenario_.faults[i]; fault.length)
        agenda_.emplace(fault.at + *fault.length, Turn{i, true});
    for (const auto& [at, turn] : agenda_) take(turn);
  }

 private:
  struct Turn {
    std::size_t index = 0;
    bool is_end = false;
  };
  using Path = std::pair<sim::GroupIndex, sim::GroupIndex>;

  void take(const Turn& turn) {
    const Fault& fault = scenario_.faults[turn.index];
    std::visit(overloaded{[&](const Partition& cut) { note_cut(name_of(cut, turn.index), turn.is_end); },
                          [&](const Heal& heal) { note_heal(heal, turn.index); },
                          [&](const ChangeNetwork& change) { note_network(change, turn); },
                          [&](const ChangeStorage& change) {
                            const bool restores = change.restore || turn.is_end;
                            if (note_nodes(changed_disks_, fault.selection, restores) || turn.is_end) return;
                            refuse(turn.index, "storage", "the disks of these nodes are unchanged at ");
                          },
                          [&](const SetClock&) {
                            const bool restores = turn.is_end || sets_right(turn.index);
                            if (note_nodes(wrong_clocks_, fault.selection, restores) || turn.is_end) return;
                            refuse(turn.index, "clock", "the clocks of these nodes are right at ");
                          },
                          [&](const ChangeRate& change) { note_rates(change, fault.selection, turn); },
                          [&](const ChangeLinkRate& change) { note_links(change, turn); }, [](const auto&) {}},
               fault.action);
  }

  [[noreturn]] void refuse(std::size_t index, const char* key, const std::string& why) const {
    fields_[index].within(key).fail(why + write_duration(scenario_.faults[index].at) +
                                    "; remove this, or change them before it");
  }

  void note_cut(const std::string& name, bool heals) {
    if (heals)
      cuts_.erase(name);
    else
      cuts_.insert(name);
  }
  void note_heal(const Heal& heal, std::size_t index) {
    if (heal.name.empty() ? cuts_.empty() : !cuts_.contains(heal.name)) refuse_heal(heal.name, index);
    heal.name.empty() ? cuts_.clear() : static_cast<void>(cuts_.erase(heal.name));
  }
  [[noreturn]] void refuse_heal(const std::string& name, std::size_t index) const {
    const Field field = fields_[index].within("heal");
    const std::string at = write_duration(scenario_.faults[index].at);
    if (name.empty()) field.fail("nothing is cut off at " + at + "; remove this, or add a partition before it");
    std::vector<std::string> known;
    for (std::size_t i = 0; i < scenario_.faults.size(); ++i)
      if (const auto* partition = std::get_if<Partition>(&scenario_.faults[i].action))
        known.push_back(name_of(*partition, i));
    if (std::find(known.begin(), known.end(), name) != known.end())
      field.fail("the partition '" + name + "' does not exist at " + at + "; it starts later or has already healed");
    const std::string nearest = nearest_word(name, known);
    field.fail("unknown partition '" + name + "'; " +
               (!nearest.empty() ? "did you mean '" + nearest + "'?"
                : known.empty()  ? "give one a `name`"
                                 : "known partitions are " + joined_words(known)));
  }

  // Restoring conditions everywhere restores each path; a path can also be restored after a change everywhere.
  void note_network(const ChangeNetwork& change, const Turn& turn) {
    const auto path = change.from ? std::optional(Path{*change.from, *change.to}) : std::nullopt;
    if (!change.restore && !turn.is_end) {
      path ? static_cast<void>(changed_paths_.insert(*path)) : static_cast<void>(changed_everywhere_ = true);
      return;
    }
    const bool is_changed = changed_everywhere_ || (path ? changed_paths_.contains(*path) : !changed_paths_.empty());
    if (!is_changed && !turn.is_end)
      refuse(turn.index, "network",
             path ? "the conditions between these groups are unchanged at "
                  : "the network's conditions are unchanged at ");
    if (path) {
      changed_paths_.erase(*path);
      return;
    }
    changed_paths_.clear();
    changed_everywhere_ = false;
  }

  // Without offset and drift, a clock fault restores clocks.
  bool sets_right(std::size_t index) const {
    const Value& fault = fields_[index].value();
    return fault.find("offset") == nullptr && fault.find("drift") == nullptr;
  }

  void note_rates(const ChangeRate& change, const Selection& selection, const Turn& turn) {
    const bool restores = !change.rate || turn.is_end;
    const SitePlacement placement(scenario_);
    const bool is_vain = std::all_of(selection.nodes.begin(), selection.nodes.end(), [&](NodeIndex node) {
      return (!change.uplink ||
              (!changed_uplinks_.contains(node) && usual_rate(placement.uplink(node)) == change.rate)) &&
             (!change.downlink ||
              (!changed_downlinks_.contains(node) && usual_rate(placement.downlink(node)) == change.rate));
    });
    if (is_vain && !restores) refuse(turn.index, "rate", "the links of these nodes have this rate already at ");
    const bool ups = change.uplink && note_nodes(changed_uplinks_, selection, restores);
    const bool downs = change.downlink && note_nodes(changed_downlinks_, selection, restores);
    if (!ups && !downs && !turn.is_end)
      refuse(turn.index, "rate", "the links of these nodes have their usual rates at ");
  }

  void note_links(const ChangeLinkRate& change, const Turn& turn) {
    const bool restores = !change.rate || turn.is_end;
    const auto links = scenario_.network.backbone.links();
    bool is_vain = true;
    for (sim::LinkIndex link = 0; link < links.size(); ++link) {
      if (!is_meant(change, links[link])) continue;
      const bool was_changed = changed_links_.contains(link);
      is_vain = is_vain && !was_changed && (restores || usual_rate(links[link].limit) == change.rate);
      restores ? static_cast<void>(changed_links_.erase(link)) : static_cast<void>(changed_links_.insert(link));
    }
    if (is_vain && !turn.is_end)
      refuse(turn.index, "rate", restores ? "this link has its usual rate at " : "this link has this rate already at ");
  }

  // Nothing for a rate that changes over time.
  static std::optional<sim::Rate> usual_rate(const sim::LinkLimit& limit) {
    return limit.schedule ? std::nullopt : std::optional(limit.rate);
  }

  // Returns whether that changes any of the nodes.
  static bool note_nodes(std::set<NodeIndex>& changed, const Selection& selection, bool restores) {
    const Nodes& nodes = selection.nodes;
    const bool was_changed =
        std::any_of(nodes.begin(), nodes.end(), [&](NodeIndex node) { return changed.contains(node); });
    if (!restores) changed.insert(nodes.begin(), nodes.end());
    if (restores && !selection.number && !selection.share)
      for (const NodeIndex node : nodes) changed.erase(node);
    return was_changed || !restores;
  }

  const Scenario& scenario_;
  std::vector<Field> fields_;
  std::multimap<Duration, Turn> agenda_;
  std::set<std::string> cuts_;  // by name
  std::set<NodeIndex> changed_disks_;
  std::set<NodeIndex> wrong_clocks_;
  std::set<NodeIndex> changed_uplinks_;
  std::set<NodeIndex> changed_downlinks_;
  std::set<sim::LinkIndex> changed_links_;
  std::set<Path> changed_paths_;
  bool changed_everywhere_ = false;
};

}  // namespace

void check_restores(const Scenario& scenario, const Field& root) { RestoresCheck(scenario, root).check(); }

}  // namespace peerbed::scenarios
