#pragma once
// The positions of all groups' nodes on a ring, and whom each process of a node knows when it starts.

#include <cstdint>
#include <set>
#include <span>
#include <utility>
#include <vector>

#include "protocols/ring/base/contact.h"
#include "scenarios/ring/ring_places.h"

namespace peerbed::scenarios {

class RingLayout {
 public:
  // `groups` are all groups of the ring; the keys of nodes that have none given follow from the seed.
  RingLayout(std::span<const GroupPlan> groups, std::uint64_t seed);

  const std::vector<GroupPlan>& groups() const noexcept { return groups_; }
  // Whether the group's nodes are guests of the ring, because others cannot reach them.
  static bool are_guests(const GroupPlan& group) noexcept {
    return group.is_behind_gateway && places_of(group).checks_reachability;
  }
  // Whether the node is in the ring from the beginning.
  static bool is_established(const GroupPlan& group, NodeIndex node) noexcept {
    return group.is_established(node) && !are_guests(group);
  }
  ring::Contact contact_of(const GroupPlan& group, NodeIndex node) const;
  // All nodes of the ring, whether they run or not, by key.
  std::span<const ring::Contact> everyone() const noexcept { return everyone_.empty() ? established_ : everyone_; }
  // Those that form the ring at the beginning, by key.
  std::span<const ring::Contact> established() const noexcept { return established_; }
  std::size_t place_in_established(const ring::Contact& contact) const noexcept;
  NodeIndex node_of(const ring::Contact& contact) const noexcept {
    return static_cast<NodeIndex>(contact.address.host() - groups_.front().address.host());
  }
  // Whether a process of the node starts a ring of its own.
  bool is_founder(NodeIndex node, std::uint32_t incarnation) const {
    return bootstrap_contacts(node, incarnation).empty();
  }
  // The nodes that a node knows from outside, drawn again for each of its processes.
  std::vector<ring::Contact> bootstrap_contacts(NodeIndex node, std::uint32_t incarnation) const;

 private:
  const GroupPlan& group_of(NodeIndex node) const;
  void place(const GroupPlan& group, std::set<ring::Key>& taken);
  // Who begins the ring where none is there at the beginning.
  ring::Contact first_of_all() const;

  std::uint64_t seed_;
  std::vector<GroupPlan> groups_;
  std::vector<std::pair<NodeIndex, std::size_t>> firsts_;  // of each group: its first node, its first contact
  std::vector<ring::Contact> contacts_;                    // of all nodes, in the order of groups
  std::vector<ring::Contact> possible_members_;            // of those that are no guests; empty if none is one
  std::vector<ring::Contact> established_;                 // that form the ring at the beginning, by key
  std::vector<ring::Contact> everyone_;                    // by key; empty when these are all that there are
  ring::Contact founder_;                                  // begins the ring where none is there at the beginning
};

// The keys of a group's nodes, as the option `identifiers` gives them.
Value identifiers_of(std::span<const GroupPlan> groups, std::size_t group, std::uint64_t seed);

}  // namespace peerbed::scenarios
