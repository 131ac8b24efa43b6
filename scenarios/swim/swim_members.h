#pragma once
// The members of a SWIM group at one instant, seen with a view of all nodes, and what a group is held to;
// docs/swim.md says when. A member is a running node that has joined since it was started.

#include <optional>
#include <string>
#include <vector>

#include "analysis/statistics/metrics.h"
#include "protocols/swim/node.h"
#include "scenarios/ring/ring_layout.h"

namespace peerbed::scenarios {

struct SwimMember {
  Address address{};
  NodeIndex node = 0;
  const swim::Node* state = nullptr;
};

class SwimMembers {
 public:
  SwimMembers(const StateView& states, const RingLayout& places);

  // False if the state of a running node cannot be seen: then nothing can be said about the group.
  bool are_all_seen() const noexcept { return all_seen_; }
  const std::vector<SwimMember>& all() const noexcept { return all_; }  // by address
  // Nodes that run and have not joined.
  const std::vector<NodeIndex>& outsiders() const noexcept { return outsiders_; }

  // Every member lists every member, and nobody else.
  void check_lists(CheckReport& report) const;

  // How long lists are, and how much of them is wrong.
  static std::vector<std::pair<std::string, Unit>> metrics();
  void measure(analysis::Metrics& metrics) const;
  // Of the entries that lists should have, those that are missing; of those that they have, those of no member.
  double missing_share() const;
  double dead_share() const;
  bool has(Address address) const;

 private:
  struct Listed {
    double all = 0;
    double dead = 0;
  };

  // Whom this list misses or has too many; nobody if it is right.
  std::optional<Address> first_mistake(const swim::MemberList& list) const;
  Listed listed() const;

  std::vector<SwimMember> all_;
  std::vector<NodeIndex> outsiders_;
  bool all_seen_ = true;
};

}  // namespace peerbed::scenarios
