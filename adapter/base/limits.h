#pragma once
// What peers may make a host do. Anything beyond a limit is dropped or reset, counted, and reported once.

#include <cstddef>
#include <cstdint>

namespace peerbed::adapter {

// A remote is one IPv4 address or one IPv6 /64 network.
struct Limits {
  std::size_t streams = 4'096;  // of all nodes of a host together
  std::size_t streams_per_remote = 128;
  std::size_t memory_per_remote = 16 * 1024 * 1024;  // bytes waiting in streams from and to one remote
  std::uint32_t datagrams_per_second = 50'000;       // from one remote; bursts may be twice as large
  // An unvalidated peer must answer a challenge before its datagrams are delivered. So a datagram with a forged sender
  // makes a node send only a challenge, of at most three times its size, to the forged address. With a cluster key,
  // unvalidated peers are always challenged.
  bool address_validation = true;
  bool loopback_too = false;  // also limit peers on this machine: many share its address, and it is trusted
};

}  // namespace peerbed::adapter
