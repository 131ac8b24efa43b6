#pragma once
// What a search for failures distinguishes of a node's state in a ring: whom its pointers name, as places relative to
// its own among all nodes of the ring, whether these run, and what it waits for. Keys and times do not count.

#include <algorithm>
#include <cstdint>
#include <type_traits>
#include <vector>

#include "protocols/environment/random.h"
#include "protocols/ring/node.h"
#include "scenarios/ring/ring_layout.h"

namespace peerbed::scenarios {

class RingAbstraction {
 public:
  // The layout outlives it.
  explicit RingAbstraction(const RingLayout& layout) : layout_(&layout) {
    const auto everyone = layout.everyone();
    const GroupPlan& last = layout.groups().back();
    first_ = layout.groups().front().first;
    places_.resize(last.first + last.count - first_);
    for (std::size_t place = 0; place < everyone.size(); ++place)
      places_[layout.node_of(everyone[place]) - first_] = static_cast<std::uint32_t>(place);
  }

  template <class N>
  std::uint64_t of(const StateView& states, NodeIndex node) const {
    if (!states.is_up(node)) return 1;
    const N* const state = states.node<N>(node);
    if (state == nullptr) return 0;
    std::uint64_t hash = state->joined() ? 3 : 2;
    const auto add = [&hash](std::uint64_t word) { hash = hash * 67 + word; };
    std::size_t shown = 0;
    for (const ring::Contact& successor : state->successors()) {
      if (++shown > shown_successors) break;
      add(seen_from(node, successor, states));
    }
    add(std::min<std::size_t>(state->successors().size(), shown_successors + 1));
    const auto predecessor = state->predecessor();
    add(predecessor ? seen_from(node, *predecessor, states) : 66);
    if constexpr (std::is_same_v<N, ring::Node>) {
      add(std::min<std::size_t>(state->pending_lookups(), 2) * 3 +
          std::min<std::size_t>(state->pending_operations(), 2));
      add(std::min<std::size_t>(state->value_count(), 3));
    } else {
      const auto second = state->second_predecessor();
      add(second ? seen_from(node, *second, states) : 66);
      add(std::min<std::size_t>(state->pending(), 3));
    }
    return mix(hash);
  }

 private:
  static constexpr std::size_t shown_successors = 3;
  static constexpr std::size_t farthest = 31;

  // Below 66: the distance in places, and whether that node runs.
  std::uint64_t seen_from(NodeIndex node, const ring::Contact& contact, const StateView& states) const {
    const NodeIndex other = layout_->node_of(contact);
    if (other < first_ || other - first_ >= places_.size()) return 65;
    const std::size_t count = places_.size();
    const std::size_t distance = (places_[other - first_] + count - places_[node - first_]) % count;
    return std::min(distance, farthest) * 2 + (states.is_up(other) ? 1 : 0);
  }

  const RingLayout* layout_;
  NodeIndex first_ = 0;
  std::vector<std::uint32_t> places_;  // in the order of keys, by node
};

}  // namespace peerbed::scenarios
