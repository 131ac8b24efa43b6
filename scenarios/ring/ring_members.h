#pragma once
// The members of the ring at one instant, seen with a view of all nodes: the truth that checks compare with.

#include <algorithm>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include "protocols/ring/node.h"
#include "scenarios/protocol/protocol.h"

namespace peerbed::scenarios {

struct RingMember {
  ring::Key key;
  NodeIndex node = 0;
  Address address;
  std::span<const ring::Contact> successors{};  // nearest first
  std::span<const ring::Contact> fingers{};
  std::optional<ring::Contact> predecessor{};
  const ring::Node* state = nullptr;  // null for a node of another protocol, which has no values
};

class RingMembers {
 public:
  // The running nodes of the groups that have joined, in order of keys. All are of the type N. What is seen of them is
  // a view of their states.
  template <class N>
  static RingMembers seen(const StateView& states, std::span<const GroupPlan> groups);

  // False if the state of a running node cannot be seen: then nothing can be said about the ring.
  bool are_all_seen() const noexcept { return all_seen_; }
  const std::vector<RingMember>& all() const noexcept { return all_; }
  // Nodes that run and have not joined.
  const std::vector<NodeIndex>& outsiders() const noexcept { return outsiders_; }
  // The longest for which one of those that run looks for the ring before it goes on alone.
  Duration longest_search() const noexcept { return longest_search_; }
  // How many nodes run that only use the ring.
  std::size_t guests() const noexcept { return guests_; }
  // The index in all() of the first member at or after `key`, wrapping around.
  std::size_t place_of_owner(ring::Key key) const;
  // The place of the member with this contact; all().size() when it is none.
  std::size_t place_of(const ring::Contact& contact) const;
  // The place of the first entry of the list that is a member; all().size() when none is.
  std::size_t place_of_best_successor(const RingMember& member) const;
  std::string name_of(std::size_t index) const;

 private:
  template <class N>
  void add(NodeIndex node, Address address, const N& state);
  void sort();

  std::vector<RingMember> all_;
  std::vector<NodeIndex> outsiders_;
  Duration longest_search_{0};
  std::size_t guests_ = 0;
  bool all_seen_ = true;
};

template <class N>
void RingMembers::add(NodeIndex node, Address address, const N& state) {
  if constexpr (std::is_same_v<N, ring::Node>)
    if (state.is_guest()) return static_cast<void>(++guests_);
  if constexpr (std::is_same_v<N, ring::Node>) longest_search_ = std::max(longest_search_, state.longest_search());
  if (!state.joined()) return outsiders_.push_back(node);
  RingMember& member = all_.emplace_back(RingMember{state.self(), node, address, state.successors()});
  // A list that comes round to its owner ends there, as a peer of the coursework writes it in a ring of two.
  const auto is_own = [&](const ring::Contact& successor) { return successor.key == member.key; };
  const auto own = std::find_if(member.successors.begin(), member.successors.end(), is_own);
  member.successors = member.successors.first(static_cast<std::size_t>(own - member.successors.begin()));
  member.predecessor = state.predecessor();
  if constexpr (std::is_same_v<N, ring::Node>) {
    member.fingers = state.fingers();
    member.state = &state;
  }
}

template <class N>
RingMembers RingMembers::seen(const StateView& states, std::span<const GroupPlan> groups) {
  RingMembers members;
  std::size_t count = 0;
  for (const GroupPlan& group : groups) count += group.count;
  members.all_.reserve(count);
  for (const GroupPlan& group : groups)
    for (std::size_t i = 0; i < group.count; ++i) {
      const auto node = group.first + static_cast<NodeIndex>(i);
      if (!states.is_up(node)) continue;
      if (const N* const state = states.node<N>(node))
        members.add(node, group.address_of(node), *state);
      else
        members.all_seen_ = false;
    }
  members.sort();
  return members;
}

}  // namespace peerbed::scenarios
