#pragma once
// Hosts that lie: what they send is damaged with some probability. Whether and how is drawn by the seed, the host and a
// sequence number of its own, so it does not depend on what others do.

#include <cstdint>
#include <map>

#include "sim/core/types.h"

namespace peerbed::sim {

class Liars {
 public:
  explicit Liars(std::uint64_t seed) : seed_(seed) {}

  // With probability 0, the host is honest again.
  void set(NodeIndex node, double probability);
  // Draws that select the damage of what a liar sends, a datagram or a range of content; 0 if it is sent as it is.
  // Both ask only about hosts that were set.
  std::uint64_t damage_of_datagram(NodeIndex node, std::uint32_t sequence) const;
  std::uint64_t damage_of_content(NodeIndex node, std::uint32_t sequence) const;

 private:
  std::uint64_t damage(NodeIndex node, std::uint64_t draw) const;

  std::uint64_t seed_;
  std::map<NodeIndex, double> probabilities_;
};

}  // namespace peerbed::sim
