#pragma once
// Random Early Detection (Floyd and Jacobson, Random Early Detection Gateways for Congestion Avoidance, IEEE/ACM
// Transactions on Networking 1(4), 1993): packets are dropped or marked as they arrive, with a probability that grows
// with the mean length of the queue.

#include <cstdint>

#include "protocols/environment/random.h"
#include "protocols/environment/time.h"
#include "sim/queues/discipline.h"

namespace peerbed::sim {

class Red {
 public:
  explicit Red(std::uint64_t key) noexcept : draws_(key) {}

  // A packet arrives at a queue that holds this many bytes. `of_packet` is the time that the wire takes for a packet.
  // Returns whether the packet is to be dropped or marked. The thresholds are set.
  bool notifies(std::uint64_t queued, Time now, Duration of_packet, const QueueDiscipline& options) noexcept;
  // The last packet has left the queue.
  void emptied(Time now) noexcept { empty_since_ = now; }

  double mean() const noexcept { return mean_; }  // bytes

 private:
  KeyedStream draws_;
  double mean_ = 0;
  std::int64_t count_ = -1;  // packets since the last one that was dropped or marked
  Time empty_since_;
};

}  // namespace peerbed::sim
