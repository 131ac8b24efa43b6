#pragma once
// The states nearest to the initial ones, kept whole, with all steps between them: for those who want to look at them.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "check/engine/fingerprint.h"
#include "check/engine/system.h"
#include "check/engine/visited_states.h"

namespace peerbed::check {

template <System S>
class NearStates {
 public:
  using State = typename S::State;
  struct Step {
    Action action = 0;
    StateNumber target = no_state;  // none if that state is not kept
  };
  struct Entry {
    State state;
    StateNumber parent = no_state;  // on a shortest way to it; one of its steps leads here
    std::uint32_t depth = 0;
    std::vector<Step> steps;
  };

  // The system outlives this. All states of `way`, which is a shortest one from an initial state, are kept; their
  // numbers are their places on it. The others are numbered as a breadth-first search finds them.
  NearStates(const S& system, std::size_t at_most, std::span<const State> way = {})
      : system_(system), at_most_(at_most) {
    for (std::size_t i = 0; i < way.size(); ++i)
      enter(way[i], i == 0 ? no_state : static_cast<StateNumber>(i - 1), static_cast<std::uint32_t>(i));
  }

  // Calls visit(entry, step) after each step of a state. Called once.
  template <class Visit>
  void explore(typename S::Workspace& workspace, const Visit& visit) {
    for (const State& state : system_.initial_states())
      if (number_of(state) == no_state) enter(state, no_state, 0);
    for (std::size_t depth = 0; depth < layers_.size(); ++depth)
      for (std::size_t i = 0; i < layers_[depth].size(); ++i) expand(layers_[depth][i], workspace, visit);
  }

  const std::vector<Entry>& entries() const noexcept { return entries_; }
  // Whether some step leads to a state that is not kept.
  bool is_cut() const noexcept { return is_cut_; }

 private:
  StateNumber number_of(const State& state) const { return numbers_.find(fingerprint_by(system_, state, scratch_)); }
  StateNumber enter(const State& state, StateNumber parent, std::uint32_t depth) {
    const StateNumber number = numbers_.insert({fingerprint_by(system_, state, scratch_), parent, 0});
    if (number < entries_.size()) return number;
    entries_.push_back({state, parent, depth, {}});
    if (layers_.size() <= depth) layers_.resize(depth + std::size_t{1});
    layers_[depth].push_back(number);
    return number;
  }

  template <class Visit>
  void expand(StateNumber number, typename S::Workspace& workspace, const Visit& visit) {
    const State state = entries_[number].state;
    const std::uint32_t next_depth = entries_[number].depth + 1;
    system_.successors(workspace, state, [&](Action action, const State& next) {
      StateNumber target = number_of(next);
      if (target == no_state && entries_.size() < at_most_) target = enter(next, number, next_depth);
      if (target == no_state) is_cut_ = true;
      entries_[number].steps.push_back({action, target});
      visit(entries_[number], entries_[number].steps.back());
    });
  }

  const S& system_;
  std::size_t at_most_;
  std::vector<Entry> entries_;
  std::vector<std::vector<StateNumber>> layers_;  // numbers by depth
  VisitedStates numbers_;
  bool is_cut_ = false;
  mutable std::vector<std::byte> scratch_;
};

}  // namespace peerbed::check
