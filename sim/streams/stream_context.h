#pragma once
// What the world lends to its streams while it handles an event.

#include <vector>

#include "sim/core/event_queue.h"
#include "sim/core/host.h"
#include "sim/network/network.h"
#include "sim/storage/disks.h"

namespace peerbed::sim {

struct StreamContext {
  Time now;
  EventQueue& queue;
  Network& network;
  std::vector<Host>& hosts;
  Disks& disks;

  // Queues an event that `source` causes.
  void post(Time at, NodeIndex destination, NodeIndex source, EventKind kind, std::uint32_t value) {
    queue.push({.time = nanoseconds_since_start(at),
                .destination = destination,
                .source = source,
                .sequence = hosts[source].sequence++,
                .what = Event::pack(kind, value)});
  }
};

}  // namespace peerbed::sim
