#pragma once
// What a search for failures distinguishes of a node's state in a ring: whom its pointers name, as places relative to
// its own among all nodes of the ring, whether these run, and what it waits for. Keys and times do not count.

#include <algorithm>
#include <cstdint>
#include <type_traits>
#include <vector>

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
    nodes_.resize(last.first + last.count - first_);
    for (std::size_t place = 0; place < everyone.size(); ++place)
      nodes_[layout.node_of(everyone[place]) - first_].place = static_cast<std::uint32_t>(place);
  }

  // A process of the node started or ended.
  void note(NodeIndex node, bool is_up) noexcept {
    nodes_[node - first_].is_up = is_up;
    ++liveness_;
  }

  // All calls are about one world, in which a node that was started stays where it is.
  template <class N>
  std::uint64_t of(const StateView& states, NodeIndex node) const {
    const Known& self = nodes_[node - first_];
    if (!self.is_up) return 1;
    if (self.state == nullptr) self.state = states.node<N>(node);
    if (self.state == nullptr) return 0;
    const N& state = *static_cast<const N*>(self.state);
    const std::uint64_t shown = shown_of(state);
    if (self.shown != shown || self.liveness != liveness_) {
      self.shown = shown;
      self.liveness = liveness_;
      self.abstract = abstract_of(self, state);
    }
    return self.abstract;
  }

 private:
  static constexpr std::size_t shown_successors = 2;
  static constexpr std::size_t farthest = 31;

  struct Known {
    mutable const void* state = nullptr;
    // The abstract state that was found last, and what it was found from.
    mutable std::uint64_t shown = 0;
    mutable std::uint64_t liveness = 0;
    mutable std::uint64_t abstract = 0;
    std::uint32_t place = 0;  // in the order of keys
    bool is_up = false;
  };

  // All of a node that its abstract state depends on, as a number that other states hardly have.
  template <class N>
  static std::uint64_t shown_of(const N& state) {
    std::uint64_t hash = state.joined() ? 3 : 2;
    const auto add = [&hash](std::uint64_t word) { hash = (hash ^ word) * 0x9E3779B97F4A7C15ULL ^ (hash >> 32); };
    const auto successors = state.successors();
    for (std::size_t i = 0; i < std::min(successors.size(), shown_successors); ++i) add(successors[i].address.value);
    const auto predecessor = state.predecessor();
    add(predecessor ? predecessor->address.value : 0);
    add(std::min(successors.size(), shown_successors + 1) * 8 + pending_of(state));
    return hash;
  }
  // Below 8.
  template <class N>
  static std::uint64_t pending_of(const N& state) {
    if constexpr (std::is_same_v<N, ring::Node>)
      return (state.pending_lookups() > 0 ? 4 : 0) + std::min<std::uint64_t>(state.pending_operations(), 2);
    else
      return std::min<std::uint64_t>(state.pending(), 2);
  }

  template <class N>
  std::uint64_t abstract_of(const Known& self, const N& state) const {
    std::uint64_t hash = state.joined() ? 3 : 2;
    const auto add = [&hash](std::uint64_t word) { hash = hash * 67 + word; };
    const auto successors = state.successors();
    for (std::size_t i = 0; i < std::min(successors.size(), shown_successors); ++i) add(seen_from(self, successors[i]));
    add(std::min(successors.size(), shown_successors + 1));
    const auto predecessor = state.predecessor();
    add(predecessor ? seen_from(self, *predecessor) : 66);
    add(pending_of(state));
    return hash;
  }

  // Below 66: the distance in places, and whether that node runs.
  std::uint64_t seen_from(const Known& self, const ring::Contact& contact) const {
    const NodeIndex other = layout_->node_of(contact) - first_;
    if (other >= nodes_.size()) return 65;
    const std::size_t distance = nodes_[other].place >= self.place ? nodes_[other].place - self.place
                                                                   : nodes_[other].place + nodes_.size() - self.place;
    return std::min(distance, farthest) * 2 + (nodes_[other].is_up ? 1 : 0);
  }

  const RingLayout* layout_;
  NodeIndex first_ = 0;
  std::vector<Known> nodes_;
  std::uint64_t liveness_ = 1;  // changes when that of any node does
};

}  // namespace peerbed::scenarios
