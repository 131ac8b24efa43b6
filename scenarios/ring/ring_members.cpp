#include "scenarios/ring/ring_members.h"

#include <algorithm>

namespace peerbed::scenarios {

RingMembers::RingMembers(const StateView& states, std::span<const GroupPlan> groups) {
  for (const GroupPlan& group : groups)
    for (std::size_t i = 0; i < group.count; ++i) {
      const auto node = group.first + static_cast<NodeIndex>(i);
      if (!states.is_up(node)) continue;
      const auto* state = states.node<ring::Node>(node);
      if (state == nullptr)
        all_seen_ = false;
      else if (state->joined())
        all_.push_back({state->self(), node, group.address_of(node), state});
      else
        outsiders_.push_back(node);
    }
  std::sort(all_.begin(), all_.end(), [](const RingMember& a, const RingMember& b) { return a.key < b.key; });
}

std::size_t RingMembers::place_of_owner(ring::Key key) const {
  const auto found = std::lower_bound(all_.begin(), all_.end(), key,
                                      [](const RingMember& member, ring::Key wanted) { return member.key < wanted; });
  return found == all_.end() ? 0 : static_cast<std::size_t>(found - all_.begin());
}

std::size_t RingMembers::place_of(const ring::Contact& contact) const {
  const std::size_t place = place_of_owner(contact.key);
  const bool found = place < all_.size() && all_[place].key == contact.key && all_[place].address == contact.address;
  return found ? place : all_.size();
}

std::size_t RingMembers::place_of_best_successor(const RingMember& member) const {
  for (const ring::Contact& successor : member.state->successors())
    if (const std::size_t place = place_of(successor); place < all_.size()) return place;
  return all_.size();
}

std::string RingMembers::name_of(std::size_t place) const {
  const RingMember& member = all_[place];
  return "node " + std::to_string(member.node) + " (key " + std::to_string(member.key.value) + ")";
}

}  // namespace peerbed::scenarios
