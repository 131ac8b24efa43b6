#pragma once
// The world of a scenario, built but not begun, and the protocols' parts in it.

#include <map>
#include <memory>
#include <set>
#include <vector>

#include "scenarios/action.h"
#include "scenarios/scenario.h"
#include "sim/world.h"

namespace peerbed::scenarios {

class Stage {
 public:
  Stage(const Scenario& scenario, sim::EventQueueKind queue);

  sim::World& world() noexcept { return world_; }
  const sim::World& world() const noexcept { return world_; }
  // The protocol run that a node belongs to; one for all groups of a protocol.
  ProtocolRun& run_of(sim::NodeIndex node) { return *runs_[run_of_group_[group_index(node)]]; }
  const std::vector<std::unique_ptr<ProtocolRun>>& runs() const noexcept { return runs_; }
  std::size_t group_index(sim::NodeIndex node) const;

  // Does it now. Returns how many nodes it befell.
  std::size_t apply(const Deed& deed);

 private:
  void add_groups();
  void place_hosts();
  void lay_network();
  bool start(sim::NodeIndex node);
  void change_network(const ChangeNetwork& change);
  PathChange& path_between(sim::GroupIndex from, sim::GroupIndex to);

  const Scenario& scenario_;
  sim::World world_;
  std::vector<std::unique_ptr<ProtocolRun>> runs_;
  std::vector<std::size_t> run_of_group_;
  std::set<sim::NodeIndex> leaving_;  // asked to leave since they were started
  // The conditions as they are now.
  PathChange path_;
  std::map<std::pair<sim::GroupIndex, sim::GroupIndex>, PathChange> between_;
};

// When groups start, as actions: all at once where they are converged, one by one where they join.
std::vector<Action> group_starts(const Scenario& scenario);

}  // namespace peerbed::scenarios
