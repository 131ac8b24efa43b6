#pragma once
// How much was sent or received: datagrams and bytes of payload.

#include <cstdint>

namespace peerbed {

struct TrafficCount {
  std::uint64_t datagrams = 0;
  std::uint64_t bytes = 0;  // of payload

  void add(const TrafficCount& other) noexcept {
    datagrams += other.datagrams;
    bytes += other.bytes;
  }
  friend bool operator==(const TrafficCount&, const TrafficCount&) = default;
};

}  // namespace peerbed
