#pragma once
// How much was sent or received: datagrams and bytes of payload.

#include <cstdint>

namespace peerbed {

struct TrafficCount {
  std::uint64_t datagrams = 0;
  std::uint64_t bytes = 0;  // of payload
};

}  // namespace peerbed
