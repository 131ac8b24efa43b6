#pragma once
// Breadth-first search through all states of a small model, and queries about the states found.
//
// A model has a type State of plain bytes, initial(), events(), the list of all that may happen, and after(state,
// event), which is nothing when the event is not enabled in that state.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <type_traits>
#include <vector>

#include "protocols/ring/base/key.h"
#include "tests/ring/zave_event.h"

namespace peerbed::ring::zave {

// Distinct states, numbered in order of discovery.
template <class State>
class StateSet {
  static_assert(std::has_unique_object_representations_v<State>, "states are hashed as bytes");

 public:
  std::size_t size() const { return states_.size(); }
  const State& operator[](std::size_t number) const { return states_[number]; }
  auto begin() const { return states_.begin(); }
  auto end() const { return states_.end(); }

  // The number of the state; the size before the call if it is new.
  std::size_t insert(const State& state) {
    if (2 * (size() + 1) > places_.size()) grow();
    std::uint32_t& place = places_[place_of(state)];
    if (place == free) {
      place = static_cast<std::uint32_t>(size());
      states_.push_back(state);
    }
    return place;
  }

 private:
  static constexpr std::uint32_t free = UINT32_MAX;

  std::size_t place_of(const State& state) const {
    const std::size_t mask = places_.size() - 1;  // the size is a power of two
    std::size_t place = hash_bytes(std::as_bytes(std::span(&state, 1))) & mask;
    while (places_[place] != free && states_[places_[place]] != state) place = (place + 1) & mask;
    return place;
  }

  void grow() {
    places_.assign(places_.size() * 2, free);
    for (std::size_t number = 0; number < size(); ++number)
      places_[place_of(states_[number])] = static_cast<std::uint32_t>(number);
  }

  std::vector<State> states_;
  std::vector<std::uint32_t> places_ = std::vector<std::uint32_t>(64, free);
};

template <class State>
struct Exploration {
  StateSet<State> states;
  std::size_t transitions = 0;
  std::vector<std::size_t> layers;  // for each depth, the number of its first state
  bool stopped = false;             // at a state of the deepest layer; otherwise all reachable states are here

  int depth() const { return static_cast<int>(layers.size()) - 1; }
  int depth_of(std::size_t number) const {
    return static_cast<int>(std::upper_bound(layers.begin(), layers.end(), number) - layers.begin()) - 1;
  }

  template <class Predicate>
  std::size_t count(Predicate holds) const {
    return static_cast<std::size_t>(std::count_if(states.begin(), states.end(), holds));
  }
  // The fewest events to a state that satisfies the predicate.
  template <class Predicate>
  std::optional<int> shortest(Predicate holds) const {
    const auto first = std::find_if(states.begin(), states.end(), holds);
    if (first == states.end()) return std::nullopt;
    return depth_of(static_cast<std::size_t>(first - states.begin()));
  }
};

constexpr auto never = [](const auto&) { return false; };

// Everything that these events can reach, nearest first, until a state satisfies `stops`.
template <class Model, class Stop>
auto explore_from(const Model& model, const typename Model::State& start, const std::vector<Event>& events,
                  Stop stops) {
  Exploration<typename Model::State> found;
  found.states.insert(start);
  for (std::size_t layer_end = 0, next = 0; next < found.states.size(); ++next) {
    if (next == layer_end) {
      found.layers.push_back(next);
      layer_end = found.states.size();
    }
    const auto state = found.states[next];
    found.stopped = stops(state);
    if (found.stopped) break;
    for (const Event event : events) {
      if (const auto after = model.after(state, event)) {
        ++found.transitions;
        found.states.insert(*after);
      }
    }
  }
  return found;
}

template <class Model, class Stop = decltype(never)>
auto explore(const Model& model, Stop stops = never) {
  return explore_from(model, model.initial(), model.events(), stops);
}

// The states that these events lead through, including the first. Ends early, before an event that is not enabled.
template <class Model>
std::vector<typename Model::State> replay(const Model& model, const std::vector<Event>& events) {
  std::vector<typename Model::State> states = {model.initial()};
  for (const Event event : events) {
    const auto after = model.after(states.back(), event);
    if (!after) break;
    states.push_back(*after);
  }
  return states;
}

// Whether maintenance alone can lead from this state to one that satisfies `is_good`.
template <class Model, class Predicate>
bool can_be_repaired(const Model& model, const typename Model::State& state, Predicate is_good) {
  return explore_from(model, state, maintenance_among(model.events()), is_good).stopped;
}

// Whether some maintenance changes this state.
template <class Model>
bool can_change(const Model& model, const typename Model::State& state) {
  for (const Event event : model.events()) {
    if (!is_maintenance(event)) continue;
    const auto after = model.after(state, event);
    if (after && *after != state) return true;
  }
  return false;
}

}  // namespace peerbed::ring::zave
