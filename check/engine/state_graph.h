#pragma once
// The steps that maintenance alone can take between the states of an exploration, and whether they lead to ideal
// states. 8 bytes a step and 9 bytes a state.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "check/engine/exploration_file.h"
#include "check/engine/system.h"

namespace peerbed::check {

// A way not to become ideal that fairness does not exclude.
struct Divergence {
  enum class Kind : std::uint8_t {
    stuck,  // no maintenance changes this state
    cycle,  // fair maintenance can go on for ever among these states
  };
  Kind kind{};
  std::vector<StateNumber> states;  // the first is the nearest to an initial state
};

// Which steps maintenance cannot put off for ever: those of a class that stays enabled (weak), or also of one that is
// enabled again and again (strong).
enum class Fairness : std::uint8_t { weak, strong };

class StateGraph {
 public:
  struct Step {
    StateNumber target = 0;
    std::uint32_t fairness_class = 0;
  };

  // States are added in the order of their numbers, and so are the states whose steps follow.
  void add_state(bool is_ideal) { ideal_.push_back(is_ideal); }
  void begin_steps() { first_step_.push_back(steps_.size()); }
  void add_step(Step step) { steps_.push_back(step); }

  std::size_t size() const noexcept { return ideal_.size(); }
  bool is_ideal(StateNumber state) const noexcept { return ideal_[state] != 0; }
  std::size_t ideal_states() const noexcept;
  // None if the state's steps were not explored.
  std::span<const Step> steps(StateNumber state) const noexcept;

  // The nearest states that are not ideal, and that fair maintenance need not leave; none if there are no such states.
  std::optional<Divergence> divergence(Fairness fairness = Fairness::strong) const;
  // How many states are not ideal, and are changed by no maintenance.
  std::size_t stuck_states() const;
  // For each state, whether some maintenance leads to an ideal state.
  std::vector<bool> recoverable() const;
  // The most steps in a row that maintenance can take with each changing the state; none if it can go on for ever.
  std::optional<std::size_t> longest_run() const;

  void put(ExplorationWriter& file) const;
  void get(ExplorationReader& file);

  // In bytes.
  std::size_t memory() const noexcept;

 private:
  bool is_stuck(StateNumber state) const;
  bool may_stay_within(const std::vector<StateNumber>& component, Fairness fairness,
                       std::vector<StateNumber>& remains) const;

  std::vector<std::uint8_t> ideal_;
  std::vector<std::uint64_t> first_step_;
  std::vector<Step> steps_;
};

}  // namespace peerbed::check
