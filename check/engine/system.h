#pragma once
// What can be explored: a system of states and of actions that lead from one to others.

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "check/engine/fingerprint.h"

namespace peerbed::check {

// Names one of the actions that a state enables. An action leads from a state to one other: whatever else may come of
// it has another number.
using Action = std::uint32_t;

// States are numbered from 0 in the order in which a breadth-first search with one thread finds them.
using StateNumber = std::uint32_t;
constexpr StateNumber no_state = UINT32_MAX;

// A set of `always` properties, one bit each.
using Properties = std::uint32_t;

// `successors` calls visit(Action, const State&) for each enabled action, also for one that changes nothing. It returns
// whether these are all: false if a bound of the system left some out, so that an exploration is not called exhaustive.
// `broken` is the set of properties that do not hold in a state, numbered as in `property_names`. All functions are
// called from several threads at once, each with a workspace of its own.
template <class S>
concept System = std::copyable<typename S::State> && std::default_initializable<typename S::Workspace> &&
    requires(const S& system, const typename S::State& state, typename S::Workspace& workspace,
             void (*visit)(Action, const typename S::State&)) {
  { system.initial_states() } -> std::convertible_to<std::vector<typename S::State>>;
  { system.successors(workspace, state, visit) } -> std::same_as<bool>;
  { system.property_names() } -> std::convertible_to<std::vector<std::string>>;
  { system.broken(state) } -> std::same_as<Properties>;
};

// How states are told apart: by their canonical bytes, unless the system computes a fingerprint in another way.
template <class S>
concept CanonicalSystem = System<S> &&
    requires(const S& system, const typename S::State& state, std::vector<std::byte>& out) {
  system.append_canonical(out, state);
};
template <class S>
concept FingerprintedSystem = System<S> && requires(const S& system, const typename S::State& state) {
  { system.fingerprint(state) } -> std::same_as<Fingerprint>;
};

template <System S>
Fingerprint fingerprint_by(const S& system, const typename S::State& state, std::vector<std::byte>& scratch) {
  if constexpr (FingerprintedSystem<S>) {
    return system.fingerprint(state);
  } else {
    static_assert(CanonicalSystem<S>, "a system has fingerprint() or append_canonical()");
    scratch.clear();
    system.append_canonical(scratch, state);
    return fingerprint_of(scratch);
  }
}

// A system that promises to become ideal, again and again, once nothing but maintenance happens. Fairness means that
// actions of one class are not put off for ever (state_graph.h).
template <class S>
concept ConvergingSystem = System<S> && requires(const S& system, const typename S::State& state, Action action) {
  { system.is_ideal(state) } -> std::same_as<bool>;
  { system.is_maintenance(action) } -> std::same_as<bool>;
  { system.fairness_class(state, action) } -> std::same_as<std::uint32_t>;
};

template <System S>
bool is_ideal_in(const S& system, const typename S::State& state) {
  if constexpr (ConvergingSystem<S>) return system.is_ideal(state);
  return false;
}

// A system that can tell another one with the same initial states from itself.
template <class S>
concept IdentifiedSystem = System<S> && requires(const S& system) {
  { system.identity() } -> std::same_as<Fingerprint>;
};

// The bytes that a system holds besides the states, for the bound on memory.
template <class S>
concept MeasuredSystem = System<S> && requires(const S& system) {
  { system.memory() } -> std::convertible_to<std::size_t>;
};

}  // namespace peerbed::check
