#pragma once
// What an exploration is asked to do, and what came of it.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "check/engine/state_graph.h"
#include "check/engine/system.h"

namespace peerbed::check {

struct Progress {
  std::uint64_t states = 0;
  std::uint64_t transitions = 0;
  std::uint32_t depth = 0;     // of the layer whose states are being expanded
  std::uint64_t frontier = 0;  // states that wait to be expanded
  std::uint64_t memory = 0;    // bytes
};

struct ExplorerOptions {
  std::size_t jobs = 1;  // threads; the result does not depend on their number
  // Bounds at which the exploration ends; it may pass one by what a batch of some thousand states leads to.
  std::uint64_t at_most_states = UINT32_MAX - 1;
  std::uint64_t at_most_memory = UINT64_MAX;  // bytes
  std::uint32_t at_most_depth = UINT32_MAX;
  bool stops_when_broken = true;  // otherwise all states are explored, and those that break a property are counted
  bool records_graph = false;     // needed to judge convergence
  // Called after each batch; if it returns false, the exploration is interrupted, and may go on later.
  std::function<bool(const Progress&)> on_progress{};
};

enum class Ending : std::uint8_t {
  exhausted,     // every reachable state was seen
  broken,        // a property was broken
  cut,           // every state was seen that a bound of the system does not exclude
  states_bound,  // at_most_states
  memory_bound,  // at_most_memory
  depth_bound,   // at_most_depth
  interrupted,   // by on_progress
};

enum class Verdict : std::uint8_t { proved, refuted, not_exhausted };

struct PropertyResult {
  std::string name;
  std::uint64_t broken_states = 0;
  StateNumber nearest = no_state;  // the nearest state that breaks it
};

struct Exploration {
  Ending ending{};
  std::uint64_t states = 0;
  std::uint64_t transitions = 0;
  std::uint32_t depth = 0;  // of the deepest state
  std::uint64_t broken_states = 0;
  std::vector<PropertyResult> properties;

  // The nearest state that breaks a property; none if all hold.
  std::optional<StateNumber> nearest_broken() const {
    StateNumber nearest = no_state;
    for (const PropertyResult& property : properties) nearest = property.nearest < nearest ? property.nearest : nearest;
    if (nearest == no_state) return std::nullopt;
    return nearest;
  }
  // Of the `always` properties alone. Cut short is never proved.
  Verdict verdict() const {
    if (nearest_broken()) return Verdict::refuted;
    return ending == Ending::exhausted ? Verdict::proved : Verdict::not_exhausted;
  }
};

// One step of a path: an action, and the state to which it leads. The first step of a path has no action: its state is
// an initial one.
struct PathStep {
  Action action = 0;
  StateNumber state = 0;
};

// What refutes a promise, with the shortest way to it.
struct Finding {
  enum class Kind : std::uint8_t {
    broken,  // an `always` property does not hold in the last state
    stuck,   // the last state is not ideal, and no maintenance changes it
    cycle,   // the last state is not ideal, and fair maintenance can go on for ever without becoming so
  };
  Kind kind{};
  std::string property;  // that is broken
  std::vector<PathStep> path;
  std::vector<StateNumber> cycle;  // the states among which maintenance can go on
  // The place in the path of the critical step: the first after which no maintenance leads to an ideal state any more.
  // None if some still does, or if the graph was not recorded to the end.
  std::optional<std::size_t> critical;
};

}  // namespace peerbed::check
