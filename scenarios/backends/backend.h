#pragma once
// Where a scenario runs: its nodes, placed but not started, the protocols' parts in it, and the actions that can be
// done to it from outside. One backend is simulated, others use real sockets; code that runs a scenario need not know
// which.

#include <cstdint>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "analysis/statistics/metrics.h"
#include "scenarios/backends/backlog.h"
#include "scenarios/plan/action.h"
#include "scenarios/plan/scenario.h"
#include "scenarios/plan/site_placement.h"
#include "scenarios/protocol/population.h"
#include "scenarios/protocol/state_view.h"
#include "sim/network/link_observer.h"

namespace peerbed::scenarios {

class Backend : public StateView {
 public:
  Backend(const Backend&) = delete;
  Backend& operator=(const Backend&) = delete;

  virtual bool is_simulated() const noexcept { return false; }
  virtual Time now() const = 0;
  Duration elapsed() const override { return now().time_since_epoch(); }
  bool runs(NodeIndex node) const override { return takes_commands(node); }
  // Lets time pass until `end`. Returns false if it stopped earlier, after `limit` events or some time, and is to be
  // called again.
  virtual bool run_until(Time end, std::uint64_t limit) = 0;
  virtual std::uint64_t events() const = 0;
  // In a simulated network: the bytes that pending events take, and the first node that has nearly caused more events
  // than can be numbered.
  virtual std::uint64_t bytes_under_way() const { return 0; }
  virtual NodeIndex exhausted_node() const { return no_node; }
  // The pending events, and who sent most of them; empty when that is not known.
  virtual Backlog backlog() const { return {}; }
  // Of the whole run so far; 0 where no two runs are alike.
  virtual std::uint64_t digest() const { return 0; }
  // What is going to be done to it, in order of time; called once, before time passes.
  virtual void foresee(std::span<const ScheduledAction> /*actions*/) {}
  // Not owned. It sees what nodes do and what is done to them.
  virtual void observe(Observer* observer) = 0;
  // Not owned. It sees what arrives at the links of a simulated network; elsewhere, nothing.
  virtual void observe_links(sim::LinkObserver* /*observer*/) {}
  // Called before the nodes' states are examined, so that they are current. Returns false when the states are taken one
  // after the other, so that several together may never have been true at once.
  virtual bool look() { return true; }
  // The scenario's time is over; what is measured from then on is as it was at the end.
  virtual void end() {}
  // Adds messages by kind, bytes, and what happened to them.
  virtual void measure(analysis::Metrics& metrics) const = 0;

  std::size_t size() const noexcept { return scenario_.node_count(); }
  std::string name_of(NodeIndex node) const { return scenario_.name_of(node); }
  // Up, and not paused.
  virtual bool takes_commands(NodeIndex node) const = 0;
  virtual bool command(NodeIndex node, std::string_view line) = 0;
  // Does it now. Returns how many nodes it affected.
  std::size_t apply(const Action& action);

  bool uses_streams() const noexcept;  // any of its nodes
  // What a reader of the result must know about this backend, one sentence each.
  virtual std::vector<std::string> remarks() const { return {}; }

  // The protocol run that a node belongs to; one for all groups of a protocol.
  ProtocolRun& run_of(NodeIndex node) { return *runs_[run_of_group_[group_index(node)]]; }
  const std::vector<std::unique_ptr<ProtocolRun>>& runs() const noexcept { return runs_; }
  std::size_t group_index(NodeIndex node) const;

  sim::LinkLimit uplink(NodeIndex node) const override;
  sim::LinkLimit downlink(NodeIndex node) const override;

 protected:
  // Starts the protocols' runs. The scenario outlives the backend.
  explicit Backend(const Scenario& scenario);

  // Reports to an observer, if there is one, what was just done to a node, where no simulated world does.
  void show(Observer* observer, NodeIndex node, StepKind kind, std::string_view text = {}) const;

  const Scenario& scenario() const noexcept { return scenario_; }
  const Population& population_of_group(std::size_t group) const { return *populations_[group]; }
  const Population& population_of(NodeIndex node) const { return *populations_[group_index(node)]; }

 private:
  // Each returns false, and changes nothing, if the host's status does not allow it.
  virtual bool start_node(NodeIndex node) = 0;
  virtual bool crash_node(NodeIndex node, Disk disk) = 0;
  virtual bool ask_to_leave(NodeIndex node) = 0;
  virtual bool pause_node(NodeIndex node) = 0;
  virtual bool resume_node(NodeIndex node) = 0;
  // A real host's timers obey its clock alone.
  virtual bool fire_timer(NodeIndex /*node*/, TimerId /*timer*/) { return false; }
  // Applies an action on the nodes' surroundings: the network, clocks, disks. Returns how many nodes it affected.
  virtual std::size_t change_surroundings(const Action& action) = 0;

  bool start(NodeIndex node);

  const Scenario& scenario_;
  SitePlacement placement_;
  std::vector<std::unique_ptr<ProtocolRun>> runs_;
  std::vector<std::size_t> run_of_group_;
  std::vector<std::unique_ptr<Population>> populations_;  // of the groups
  std::set<NodeIndex> leaving_;                           // asked to leave since they were started
};

// The starts of groups, as actions: all at once for converged groups, one by one for joining ones.
std::vector<ScheduledAction> group_starts(const Scenario& scenario);

}  // namespace peerbed::scenarios
