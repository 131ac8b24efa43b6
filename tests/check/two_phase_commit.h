#pragma once
// Two-phase commit as Gray and Lamport (2006) specify it in TLA+, with messages that stay for ever: one transaction
// manager and some resource managers, which are interchangeable.

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "check/engine/system.h"

namespace peerbed::check {

class TwoPhaseCommit {
 public:
  static constexpr int most_managers = 7;
  enum class Manager : std::uint8_t { working, prepared, committed, aborted };
  enum class Coordinator : std::uint8_t { init, committed, aborted };
  struct Resource {
    Manager state = Manager::working;
    bool sent_prepared = false;
    bool is_known_prepared = false;  // to the transaction manager
    friend auto operator<=>(const Resource&, const Resource&) = default;
  };
  struct State {
    std::array<Resource, most_managers> resources{};
    Coordinator coordinator{};
    bool sent_commit = false;
    bool sent_abort = false;
    friend bool operator==(const State&, const State&) = default;
  };
  struct Workspace {};

  enum class Symmetry {
    none,
    sorted,    // resource managers are sorted by all that is known of each: one form for each orbit
    by_state,  // sorted by their own state alone, as stateright does: an orbit may have several forms
  };

  TwoPhaseCommit(int managers, Symmetry symmetry) : managers_(managers), symmetry_(symmetry) {}

  int managers() const { return managers_; }
  std::vector<State> initial_states() const { return {State{}}; }

  template <class Visit>
  bool successors(Workspace&, const State& state, const Visit& visit) const {
    const bool is_open = state.coordinator == Coordinator::init;
    const auto end = state.resources.begin() + managers_;
    Action action = 0;
    const auto take = [&](bool is_enabled, auto change) {
      if (is_enabled) {
        State next = state;
        change(next);
        visit(action, next);
      }
      ++action;
    };
    take(is_open && std::all_of(state.resources.begin(), end, [](const Resource& r) { return r.is_known_prepared; }),
         [](State& next) {
           next.coordinator = Coordinator::committed;
           next.sent_commit = true;
         });
    take(is_open, [](State& next) {
      next.coordinator = Coordinator::aborted;
      next.sent_abort = true;
    });
    for (int i = 0; i < managers_; ++i) {
      const Resource& resource = state.resources[i];
      const bool works = resource.state == Manager::working;
      take(is_open && resource.sent_prepared, [i](State& next) { next.resources[i].is_known_prepared = true; });
      take(works, [i](State& next) {
        next.resources[i].state = Manager::prepared;
        next.resources[i].sent_prepared = true;
      });
      take(works, [i](State& next) { next.resources[i].state = Manager::aborted; });
      take(state.sent_commit, [i](State& next) { next.resources[i].state = Manager::committed; });
      take(state.sent_abort, [i](State& next) { next.resources[i].state = Manager::aborted; });
    }
    return true;
  }

  State canonical(State state) const {
    const auto end = state.resources.begin() + managers_;
    if (symmetry_ == Symmetry::sorted) std::stable_sort(state.resources.begin(), end);
    if (symmetry_ == Symmetry::by_state)
      std::stable_sort(state.resources.begin(), end,
                       [](const Resource& a, const Resource& b) { return a.state < b.state; });
    return state;
  }
  void append_canonical(std::vector<std::byte>& out, const State& state) const {
    static_assert(std::has_unique_object_representations_v<State>);
    const State form = canonical(state);
    out.resize(out.size() + sizeof form);
    std::memcpy(out.data() + out.size() - sizeof form, &form, sizeof form);
  }

  std::vector<std::string> property_names() const { return {"consistent"}; }
  Properties broken(const State& state) const {
    const auto any = [&](Manager in) {
      return std::any_of(state.resources.begin(), state.resources.begin() + managers_,
                         [in](const Resource& resource) { return resource.state == in; });
    };
    return any(Manager::committed) && any(Manager::aborted) ? 1 : 0;
  }

 private:
  int managers_;
  Symmetry symmetry_;
};

}  // namespace peerbed::check
