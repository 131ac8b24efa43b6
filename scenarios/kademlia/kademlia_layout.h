#pragma once
// The identifiers of all groups' nodes, and whom each process of a node knows when it starts. An identifier begins with
// the 64 bits that RingLayout draws for the node, which are distinct.

#include <algorithm>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "protocols/kademlia/node.h"
#include "scenarios/kademlia/kademlia_options.h"
#include "scenarios/ring/ring_layout.h"

namespace peerbed::scenarios {

class KademliaLayout {
 public:
  // `groups` are all groups of the network.
  KademliaLayout(std::span<const GroupPlan> groups, std::uint64_t seed);

  // Where nodes are by the first 64 bits of their identifiers.
  const std::shared_ptr<const RingLayout>& places() const noexcept { return places_; }
  const std::vector<GroupPlan>& groups() const noexcept { return places_->groups(); }
  // All nodes, whether they run or not, sorted.
  std::span<const kademlia::Contact> everyone() const noexcept { return everyone_; }
  NodeIndex node_of(const kademlia::Contact& contact) const noexcept {
    return places_->node_of({.key = {}, .address = contact.address});
  }
  // Whether there is such a node; a node may tell of others that are not.
  bool has(const kademlia::Contact& contact) const noexcept {
    return std::binary_search(everyone_.begin(), everyone_.end(), contact);
  }
  // The node as its process starts after `incarnation` earlier ones.
  kademlia::Node make_node(const GroupPlan& group, NodeIndex node, std::uint32_t incarnation) const;
  // The nodes that are closer to the key than `owner`, which is given by the first 64 bits of its identifier like the
  // key; and the owner itself. Nothing if there is no such node.
  struct Rivals {
    NodeIndex owner = 0;
    std::vector<NodeIndex> closer;
  };
  std::optional<Rivals> rivals_of(std::uint64_t owner, std::uint64_t key) const;

 private:
  std::uint64_t seed_;
  std::shared_ptr<const RingLayout> places_;
  std::vector<kademlia::Contact> everyone_;
  std::vector<kademlia::Contact> established_;  // that form the network at the beginning, sorted
};

}  // namespace peerbed::scenarios
