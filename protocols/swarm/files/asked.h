#pragma once
// A question by datagram that waits for its answer.

#include <cstdint>
#include <tuple>

#include "protocols/environment/address.h"
#include "protocols/environment/time.h"

namespace peerbed::swarm {

struct Asked {
  Address peer{};
  Address seen{};  // where it is asked instead, because a NAT gives it a port for this peer alone
  Time deadline{};
  std::uint32_t first = 0;  // of the files asked for, where they come in pages
  unsigned attempts = 1;
  auto fields() const { return std::tie(peer, seen, deadline, first, attempts); }
};

}  // namespace peerbed::swarm
