#pragma once
// The states that each node may be in during a run, given joins, faults, churn and commands. Random choices leave
// several states possible. A fault that cannot find a node in a state where it has an effect is useless.

#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include "scenarios/plan/scenario.h"

namespace peerbed::scenarios {

// A set of states, one bit each.
using StateSet = std::uint8_t;
constexpr StateSet state_up = 1;
constexpr StateSet state_leaving = 2;
constexpr StateSet state_down = 4;
constexpr StateSet state_paused = 8;
constexpr StateSet state_running = state_up | state_leaving | state_paused;

class PossibleStates {
 public:
  explicit PossibleStates(const Scenario& scenario);

  // Whether any of the nodes may be in one of the states at some time from `from` to `to`, inclusive.
  bool may_be(std::span<const NodeIndex> nodes, StateSet states, Duration from, Duration to) const;
  // The states in which a fault or a churn entry, given by its index in the scenario, may find its nodes. Zero for a
  // share of 0% and for what does not affect nodes.
  StateSet met_by_fault(std::size_t index) const { return met_by_faults_[index]; }
  StateSet met_by_churn(std::size_t index) const { return met_by_churn_[index]; }

 private:
  enum class Turn : std::uint8_t { start, crash, leave, pause, resume, command, workload, churn };
  struct Event {
    Turn turn{};
    std::span<const NodeIndex> nodes;
    bool is_certain = true;        // it affects all of the nodes
    StateSet* met = nullptr;       // where to record the states in which it finds them
    const Fault* fault = nullptr;  // the fault whose end, or whose restarts, follow
  };
  struct Change {
    Duration at{};
    StateSet states = 0;
  };

  void plan(Duration at, const Event& event) { agenda_.emplace(at, event); }
  void plan_joins(const Group& group);
  void plan_fault(std::size_t index);
  void plan_restarts(const Fault& fault, bool is_certain);
  void apply(Duration at, const Event& event);
  StateSet after(Turn turn, NodeIndex node, StateSet states) const;
  StateSet started(NodeIndex node) const { return may_quit_[node] ? state_up | state_leaving | state_down : state_up; }
  StateSet now(NodeIndex node) const { return changes_[node].back().states; }

  const Scenario& scenario_;
  Nodes all_;
  std::multimap<Duration, Event> agenda_;
  std::vector<std::vector<Change>> changes_;  // by node, in order of time
  std::vector<bool> may_quit_;                // by itself, or by a command
  std::vector<bool> in_churn_;                // from now on, churn may do anything to it at any time
  std::vector<StateSet> met_by_faults_;
  std::vector<StateSet> met_by_churn_;
};

}  // namespace peerbed::scenarios
