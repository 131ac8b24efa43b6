#pragma once
// What a host counts. All numbers only grow, but those that are named as present ones.

#include <cstdint>

namespace peerbed::adapter {

struct TrafficCount {
  std::uint64_t datagrams = 0;
  std::uint64_t bytes = 0;  // of payload
};

struct Counters {
  std::uint64_t inputs = 0;  // handled by nodes
  TrafficCount sent;
  TrafficCount delivered;
  std::uint64_t dropped_sending = 0;    // the kernel did not take them: no route, no buffer, a port that is no more
  std::uint64_t dropped_oversized = 0;  // longer than a datagram of ours can be
  std::uint64_t dropped_unknown = 0;    // to or from an address that nobody has
};

}  // namespace peerbed::adapter
