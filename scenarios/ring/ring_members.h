#pragma once
// The members of the ring at one instant, seen with a view of all nodes: the truth that checks compare with.

#include <vector>

#include "protocols/ring/node.h"
#include "scenarios/protocol/protocol.h"

namespace peerbed::scenarios {

struct RingMember {
  ring::Key key;
  NodeIndex node = 0;
  Address address;
  const ring::Node* state = nullptr;
};

class RingMembers {
 public:
  // The running nodes of the groups that have joined, in order of keys.
  RingMembers(const StateView& states, std::span<const GroupPlan> groups);

  // False if the state of a running node cannot be seen: then nothing can be said about the ring.
  bool are_all_seen() const noexcept { return all_seen_; }
  const std::vector<RingMember>& all() const noexcept { return all_; }
  // Nodes that run and have not joined.
  const std::vector<NodeIndex>& outsiders() const noexcept { return outsiders_; }
  // The index in all() of the first member at or after `key`, wrapping around.
  std::size_t place_of_owner(ring::Key key) const;
  // The place of the member with this contact; all().size() when it is none.
  std::size_t place_of(const ring::Contact& contact) const;
  // The place of the first entry of the list that is a member; all().size() when none is.
  std::size_t place_of_best_successor(const RingMember& member) const;
  std::string name_of(std::size_t place) const;

 private:
  std::vector<RingMember> all_;
  std::vector<NodeIndex> outsiders_;
  bool all_seen_ = true;
};

}  // namespace peerbed::scenarios
