#pragma once
// How well the members of any ring point to one another.

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "analysis/statistics/metrics.h"
#include "scenarios/ring/ring_members.h"

namespace peerbed::scenarios {

class RingShape {
 public:
  // Those that write_to() may set.
  static std::vector<std::pair<std::string, Unit>> metrics();

  // Called at each look at the ring.
  void look(const RingMembers& members);
  // What all looks have shown, and the overlay as it is now.
  void write_to(const RingMembers& members, analysis::Metrics& metrics) const;

 private:
  // First successors, summed over all looks.
  std::uint64_t looked_at_ = 0;
  std::uint64_t wrong_first_ = 0;  // not the next member
  std::uint64_t dead_first_ = 0;
};

}  // namespace peerbed::scenarios
