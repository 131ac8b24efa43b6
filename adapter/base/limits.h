#pragma once
// What peers may make a host do. Anything beyond a limit is dropped or reset, counted, and reported once.

#include <cstddef>
#include <cstdint>

namespace peerbed::adapter {

// A remote is one IPv4 address or one IPv6 /64 network.
struct Limits {
  std::size_t streams = 4'096;  // of all nodes of a host together
  std::size_t streams_per_remote = 128;
  std::size_t memory_per_remote = 16 * 1024 * 1024;  // bytes that wait in streams from and to it
  std::uint32_t datagrams_per_second = 50'000;       // from one remote; twice as many may come at once
  // An unvalidated peer must answer a challenge before it is heard. So a datagram with a false sender makes a node send
  // only a challenge, of at most three times its size, to the address named. With a cluster key, unvalidated peers are
  // challenged in any case.
  bool introductions = true;
  bool loopback_too = false;  // those of one machine are many behind one address, and trusted as far as it is
};

}  // namespace peerbed::adapter
