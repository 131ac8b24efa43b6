#pragma once
// Makes states again of which only fingerprints and the ways to them are left.

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "check/engine/fingerprint.h"
#include "check/engine/frontier.h"
#include "check/engine/system.h"
#include "check/engine/visited_states.h"

namespace peerbed::check {

// Calls visit(number, state) for each state from `first_unexpanded` on, in their order, by following the ways to them,
// layer by layer. Returns whether all were found: not if the system has changed.
template <System S, class Visit>
bool for_each_unexpanded(const S& system, const VisitedStates& visited, StateNumber first_unexpanded,
                         const Visit& visit) {
  using State = typename S::State;
  std::vector<bool> is_needed(visited.size());  // and not yet made
  for (auto number = static_cast<StateNumber>(visited.size()); number-- > 0;) {
    if (number >= first_unexpanded) is_needed[number] = true;
    if (is_needed[number] && visited[number].parent != no_state) is_needed[visited[number].parent] = true;
  }
  struct Layer {
    std::vector<StateNumber> numbers;
    Frontier<State> states;
  };
  std::uint64_t missing = visited.size() - first_unexpanded;
  const auto take = [&](StateNumber number, const State& state, Layer& layer) {
    is_needed[number] = false;
    if (number >= first_unexpanded) {
      visit(number, state);
      --missing;
    } else {
      layer.numbers.push_back(number);
      layer.states.append(state);
    }
  };
  std::vector<std::byte> scratch;
  Layer layer;
  for (const State& state : system.initial_states()) {
    const StateNumber number = visited.find(fingerprint_by(system, state, scratch));
    if (number != no_state && is_needed[number]) take(number, state, layer);
  }
  typename S::Workspace workspace{};
  State state{};
  while (!layer.numbers.empty()) {
    Layer next;
    std::size_t place = 0;
    for (std::size_t block = 0; block < layer.states.blocks(); ++block) {
      typename PackedStates<State>::Cursor cursor(layer.states.block(block));
      for (std::size_t i = 0; i < layer.states.block(block).size(); ++i) {
        const StateNumber parent = layer.numbers[place++];
        cursor.read(state);
        system.successors(workspace, std::as_const(state), [&](Action action, const State& successor) {
          const StateNumber number = visited.find(fingerprint_by(system, successor, scratch));
          if (number != no_state && is_needed[number] && visited[number].parent == parent &&
              visited[number].action == action)
            take(number, successor, next);
        });
      }
    }
    layer = std::move(next);
  }
  return missing == 0;
}

}  // namespace peerbed::check
