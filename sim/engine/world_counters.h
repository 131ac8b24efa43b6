#pragma once
// What a world has counted since its beginning.

#include <cstdint>

#include "host/traffic_count.h"
#include "sim/network/network.h"

namespace peerbed::sim {

struct WorldCounters {
  std::uint64_t events = 0;  // steps so far
  TrafficCount sent;
  TrafficCount delivered;
  std::uint64_t dropped_loss = 0;
  std::uint64_t dropped_queue = 0;  // a full link, or its discipline
  std::uint64_t dropped_partition = 0;
  std::uint64_t dropped_gateway = 0;  // a NAT or firewall: the address leads nowhere, or it did not let it in
  std::uint64_t dropped_down = 0;     // the destination was down or does not exist
  std::uint64_t dropped_buffer = 0;   // the destination was paused and its receive buffer full
  std::uint64_t duplicated = 0;
  std::uint64_t reordered = 0;
  std::uint64_t corrupted = 0;

  void add(const WorldCounters& other) noexcept {
    events += other.events;
    sent.add(other.sent);
    delivered.add(other.delivered);
    dropped_loss += other.dropped_loss;
    dropped_queue += other.dropped_queue;
    dropped_partition += other.dropped_partition;
    dropped_gateway += other.dropped_gateway;
    dropped_down += other.dropped_down;
    dropped_buffer += other.dropped_buffer;
    duplicated += other.duplicated;
    reordered += other.reordered;
    corrupted += other.corrupted;
  }
  friend bool operator==(const WorldCounters&, const WorldCounters&) = default;
  // The network decided the fate of a datagram.
  void count(const Transit& transit) noexcept {
    dropped_loss += transit.dropped == DropCause::loss ? 1 : 0;
    dropped_queue += transit.dropped == DropCause::queue ? 1 : 0;
    dropped_partition += transit.dropped == DropCause::partition ? 1 : 0;
    duplicated += transit.copies > 1 ? 1 : 0;
    reordered += transit.reordered ? 1 : 0;
  }
};

}  // namespace peerbed::sim
