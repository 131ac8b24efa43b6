#pragma once
// Brings into the cache what the next events will touch. It changes nothing but speed.

#include "sim/core/event_queue.h"
#include "sim/engine/datagrams_under_way.h"
#include "sim/engine/hosts.h"
#include "sim/network/network.h"
#include "sim/streams/streams.h"

namespace peerbed::sim {

class Prefetcher {
 public:
  // All of them outlive it.
  Prefetcher(const EventQueue& queue, const Hosts& hosts, const DatagramsUnderWay& datagrams, const Streams& streams,
             const Network& network) noexcept
      : queue_(queue), hosts_(hosts), datagrams_(datagrams), streams_(streams), network_(network) {}

  // Call after an event has left the queue and before it is handled.
  void prefetch_upcoming() const noexcept;

 private:
  const EventQueue& queue_;
  const Hosts& hosts_;
  const DatagramsUnderWay& datagrams_;
  const Streams& streams_;
  const Network& network_;
};

}  // namespace peerbed::sim
