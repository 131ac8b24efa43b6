#pragma once
// A walk over the list of peers in an order of its own: from a drawn start in drawn steps, each peer once. The list may
// change under the walk: then it may meet a peer twice or not at all.

#include <cstdint>
#include <tuple>

#include "protocols/environment/environment.h"
#include "protocols/swarm/trackers/peer_list.h"

namespace peerbed::swarm {

class Walk {
 public:
  Walk() = default;
  Walk(Environment& environment, const PeerList& list);

  // Nowhere at the end.
  Address next(const PeerList& list) noexcept;
  bool is_over(const PeerList& list) const noexcept { return done_ >= list.size(); }

  auto fields() const { return std::tie(start_, step_, done_); }

 private:
  std::uint64_t start_ = 0;
  std::uint64_t step_ = 1;
  std::uint64_t done_ = 0;
};

}  // namespace peerbed::swarm
