#pragma once
// What the states of a block lead to, as one thread finds it while no state is entered.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "check/engine/fingerprint.h"
#include "check/engine/packed_states.h"
#include "check/engine/system.h"
#include "check/engine/visited_states.h"

namespace peerbed::check {

// A state that had not been entered when it was found. Its block may hold it more than once.
struct FoundState {
  Fingerprint fingerprint;
  StateNumber parent = no_state;
  Action action = 0;
  Properties broken = 0;
  bool is_ideal = false;
};

// A step of maintenance, to an entered state or to one that was found.
struct FoundStep {
  StateNumber target = 0;  // the state's number, or its place among those found
  std::uint32_t fairness_class = 0;
  bool is_found = false;
};

template <System S>
class Expansion {
 public:
  using State = typename S::State;

  // Replaces what is here. `first` is the number of the first state; the others follow.
  void expand(const S& system, typename S::Workspace& workspace, const VisitedStates& visited, bool records_steps,
              const PackedStates<State>& block, StateNumber first) {
    clear();
    typename PackedStates<State>::Cursor cursor(block);
    for (std::size_t i = 0; i < block.size(); ++i) {
      cursor.read(state_);
      const auto number = first + static_cast<StateNumber>(i);
      const auto visit = [&](Action action, const State& successor) {
        ++transitions_;
        Pending& pending = pending_[put_++ % pending_.size()];
        pending.state = successor;
        pending.found = {fingerprint_by(system, successor, scratch_), number, action};
        pending.step = records_steps ? record(system, action) : no_step;
        visited.prefetch(pending.found.fingerprint);
        look_up(system, visited, records_steps, pending_.size());
      };
      if (!system.successors(workspace, std::as_const(state_), visit)) is_complete_ = false;
      step_ends_.push_back(static_cast<std::uint32_t>(steps_.size()));
    }
    look_up(system, visited, records_steps, 1);
  }

  const std::vector<FoundState>& found() const noexcept { return found_; }
  const PackedStates<State>& states() const noexcept { return states_; }  // of what was found
  // The steps of all states of the block, one state after another, and for each state the end of its own.
  const std::vector<FoundStep>& steps() const noexcept { return steps_; }
  const std::vector<std::uint32_t>& step_ends() const noexcept { return step_ends_; }
  std::uint64_t transitions() const noexcept { return transitions_; }
  // False if a bound of the system left something out.
  bool is_complete() const noexcept { return is_complete_; }

 private:
  void clear() {
    found_.clear();
    states_.clear();
    steps_.clear();
    step_ends_.clear();
    transitions_ = 0;
    is_complete_ = true;
    recent_.fill(0);
  }

  static constexpr std::uint32_t no_step = UINT32_MAX;

  // A successor that has not been looked up. Meanwhile memory fetches what tells whether it is known.
  struct Pending {
    State state{};
    FoundState found;
    std::uint32_t step = no_step;  // its place among the steps
  };

  // Takes what is pending until it is fewer than `fewer_than`.
  void look_up(const S& system, const VisitedStates& visited, bool judges, std::size_t fewer_than) {
    for (; put_ - fetched_ > pending_.size() / 2; ++fetched_)
      visited.prefetch_entry(pending_[fetched_ % pending_.size()].found.fingerprint);
    for (; put_ - taken_ >= fewer_than; ++taken_) take(system, visited, judges, pending_[taken_ % pending_.size()]);
    fetched_ = std::max(fetched_, taken_);
  }

  void take(const S& system, const VisitedStates& visited, bool judges, Pending& pending) {
    FoundState& found = pending.found;
    const StateNumber known = visited.find(found.fingerprint);
    if (known != no_state) return set_step(pending.step, known, false);
    std::uint32_t& place = recent_[found.fingerprint.high % recent_.size()];
    if (place == 0 || found_[place - 1].fingerprint != found.fingerprint) {
      found.broken = system.broken(pending.state);
      found.is_ideal = judges && is_ideal_in(system, pending.state);
      found_.push_back(found);
      states_.append(pending.state);
      place = static_cast<std::uint32_t>(found_.size());
    }
    set_step(pending.step, place - 1, true);
  }

  // Returns the place of the step.
  std::uint32_t record(const S& system, Action action) {
    if constexpr (ConvergingSystem<S>) {
      if (!system.is_maintenance(action)) return no_step;
      steps_.push_back({0, system.fairness_class(state_, action), false});
      return static_cast<std::uint32_t>(steps_.size() - 1);
    }
    return no_step;
  }
  void set_step(std::uint32_t step, StateNumber target, bool is_found) {
    if (step == no_step) return;
    steps_[step].target = target;
    steps_[step].is_found = is_found;
  }

  std::vector<FoundState> found_;
  PackedStates<State> states_;
  std::vector<FoundStep> steps_;
  std::vector<std::uint32_t> step_ends_;
  std::uint64_t transitions_ = 0;
  bool is_complete_ = true;
  // What was found lately, as a place plus 1 for each hash: most of what is found twice is then entered once.
  std::array<std::uint32_t, 1024> recent_{};
  State state_{};  // that is being expanded
  std::array<Pending, 16> pending_;
  std::size_t put_ = 0;      // successors so far
  std::size_t fetched_ = 0;  // of them, those whose entries are being fetched
  std::size_t taken_ = 0;    // of them, those that were looked up
  std::vector<std::byte> scratch_;
};

}  // namespace peerbed::check
