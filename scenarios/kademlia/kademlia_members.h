#pragma once
// The members of a Kademlia network at one instant, seen with a view of all nodes: the truth that checks compare with.
// A member is a running node that has joined since it was started.

#include <string>
#include <vector>

#include "analysis/statistics/metrics.h"
#include "protocols/kademlia/node.h"
#include "scenarios/kademlia/kademlia_layout.h"

namespace peerbed::scenarios {

struct KademliaMember {
  kademlia::Contact contact{};
  NodeIndex node = 0;
  const kademlia::Node* state = nullptr;
};

class KademliaMembers {
 public:
  KademliaMembers(const StateView& states, const KademliaLayout& layout);

  // False if the state of a running node cannot be seen: then nothing can be said about the network.
  bool are_all_seen() const noexcept { return all_seen_; }
  const std::vector<KademliaMember>& all() const noexcept { return all_; }  // sorted by identifier
  // Nodes that run and have not joined.
  const std::vector<NodeIndex>& outsiders() const noexcept { return outsiders_; }
  // The place of the member with this contact; all().size() if there is none.
  std::size_t place_of(const kademlia::Contact& contact) const;

  // How many of them share at least this many first bits with an identifier.
  std::size_t count_beyond(const kademlia::Id& id, unsigned prefix) const;

  // kademlia.members, how full their tables are, and the overlay.
  static std::vector<std::pair<std::string, Unit>> metrics();
  void measure(analysis::Metrics& metrics) const;

 private:
  std::vector<KademliaMember> all_;
  std::vector<NodeIndex> outsiders_;
  bool all_seen_ = true;
};

}  // namespace peerbed::scenarios
