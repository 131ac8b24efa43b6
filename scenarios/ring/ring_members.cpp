#include "scenarios/ring/ring_members.h"

#include <algorithm>

namespace peerbed::scenarios {

void RingMembers::sort() {
  std::sort(all_.begin(), all_.end(), [](const RingMember& a, const RingMember& b) { return a.key < b.key; });
}

std::size_t RingMembers::place_of_owner(ring::Key key) const {
  const auto found = std::lower_bound(all_.begin(), all_.end(), key,
                                      [](const RingMember& member, ring::Key wanted) { return member.key < wanted; });
  return found == all_.end() ? 0 : static_cast<std::size_t>(found - all_.begin());
}

std::size_t RingMembers::place_of(const ring::Contact& contact) const {
  const std::size_t index = place_of_owner(contact.key);
  const bool found = index < all_.size() && all_[index].key == contact.key && all_[index].address == contact.address;
  return found ? index : all_.size();
}

std::size_t RingMembers::place_of_best_successor(const RingMember& member) const {
  for (const ring::Contact& successor : member.successors)
    if (const std::size_t index = place_of(successor); index < all_.size()) return index;
  return all_.size();
}

std::string RingMembers::name_of(std::size_t index) const {
  const RingMember& member = all_[index];
  return "node " + std::to_string(member.node) + " (key " + std::to_string(member.key.value) + ")";
}

}  // namespace peerbed::scenarios
