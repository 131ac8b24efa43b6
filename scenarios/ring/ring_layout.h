#pragma once
// The positions of all groups' nodes on the ring, and how each process of a node starts.

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "protocols/ring/node.h"
#include "scenarios/protocol/protocol.h"

namespace peerbed::scenarios {

// The `options:` of a ring group.
struct RingOptions final : GroupOptions {
  std::shared_ptr<const ring::Options> options;
  std::vector<ring::Key> identifiers;  // none: drawn
  std::optional<ring::Key> known;

  std::string name_of(std::size_t index) const override {
    return identifiers.empty() ? std::string() : "peer " + std::to_string(identifiers[index].value);
  }
};

class RingLayout {
 public:
  // `groups` are all groups of the ring; the keys of nodes that have none given follow from the seed.
  RingLayout(std::span<const GroupPlan> groups, std::uint64_t seed);

  // The node as its process starts after `incarnation` earlier ones.
  ring::Node make(const GroupPlan& group, NodeIndex node, std::uint32_t incarnation) const;

  const std::vector<GroupPlan>& groups() const noexcept { return groups_; }
  ring::Contact contact_of(const GroupPlan& group, NodeIndex node) const;
  // All nodes of the ring, whether they run or not, by key.
  std::span<const ring::Contact> everyone() const noexcept { return everyone_.empty() ? established_ : everyone_; }
  // Those that form the ring at the beginning.
  std::size_t established_count() const noexcept { return established_.size(); }
  NodeIndex node_of(const ring::Contact& contact) const noexcept {
    return static_cast<NodeIndex>(contact.address.host() - groups_.front().address.host());
  }
  // Whether a process of the node starts a ring of its own.
  bool is_founder(NodeIndex node, std::uint32_t incarnation) const { return doors_for(node, incarnation).empty(); }
  // The nodes that a node knows from outside, drawn anew for each of its processes.
  std::vector<ring::Contact> doors_for(NodeIndex node, std::uint32_t incarnation) const;
  static const RingOptions& options_of(const GroupPlan& group) {
    return static_cast<const RingOptions&>(*group.options);
  }

 private:
  const GroupPlan& group_of(NodeIndex node) const;
  void place(const GroupPlan& group, std::set<ring::Key>& taken);
  ring::Contact known_of(const RingOptions& options, const std::vector<ring::Contact>& doors, ring::Contact self) const;

  std::uint64_t seed_;
  std::vector<GroupPlan> groups_;
  std::vector<std::pair<NodeIndex, std::size_t>> firsts_;  // of each group: its first node, its first contact
  std::vector<ring::Contact> contacts_;                    // of all nodes, in the order of groups
  std::vector<ring::Contact> established_;                 // that form the ring at the beginning, by key
  std::vector<ring::Contact> everyone_;                    // by key; empty when these are all that there are
  Address founder_;                                        // begins the ring where none is there at the beginning
};

}  // namespace peerbed::scenarios
