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
using LifeStates = std::uint8_t;
constexpr LifeStates life_up = 1;
constexpr LifeStates life_leaving = 2;
constexpr LifeStates life_down = 4;
constexpr LifeStates life_paused = 8;
constexpr LifeStates life_running = life_up | life_leaving | life_paused;

class NodeLives {
 public:
  explicit NodeLives(const Scenario& scenario);

  // Whether any of the nodes may be in one of the states at some time from `from` to `to`, inclusive.
  bool may_be(std::span<const NodeIndex> nodes, LifeStates states, Duration from, Duration to) const;
  // The states in which a fault or a churn entry, given by its index in the scenario, may find its nodes. Zero for a
  // share of 0% and for what does not affect nodes.
  LifeStates met_by_fault(std::size_t index) const { return met_by_faults_[index]; }
  LifeStates met_by_churn(std::size_t index) const { return met_by_churn_[index]; }

 private:
  enum class Turn : std::uint8_t { start, crash, leave, pause, resume, command, workload, churn };
  struct Event {
    Turn turn{};
    std::span<const NodeIndex> nodes;
    bool is_certain = true;        // it affects all of the nodes
    LifeStates* met = nullptr;     // where to record the states in which it finds them
    const Fault* fault = nullptr;  // the fault whose end, or whose restarts, follow
  };
  struct Change {
    Duration at{};
    LifeStates states = 0;
  };

  void plan(Duration at, const Event& event) { agenda_.emplace(at, event); }
  void plan_joins(const Group& group);
  void plan_fault(std::size_t index);
  void plan_restarts(const Fault& fault, bool is_certain);
  void befall(Duration at, const Event& event);
  LifeStates after(Turn turn, NodeIndex node, LifeStates states) const;
  LifeStates started(NodeIndex node) const { return may_quit_[node] ? life_up | life_leaving | life_down : life_up; }
  LifeStates now(NodeIndex node) const { return changes_[node].back().states; }

  const Scenario& scenario_;
  Nodes all_;
  std::multimap<Duration, Event> agenda_;
  std::vector<std::vector<Change>> changes_;  // by node, in order of time
  std::vector<bool> may_quit_;                // by itself, or by a command
  std::vector<bool> in_churn_;                // from now on, churn may do anything to it at any time
  std::vector<LifeStates> met_by_faults_;
  std::vector<LifeStates> met_by_churn_;
};

}  // namespace peerbed::scenarios
