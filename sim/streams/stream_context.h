#pragma once
// What the world lends to its streams while it handles an event.

#include <vector>

#include "sim/core/event_queue.h"
#include "sim/core/host.h"
#include "sim/network/network.h"
#include "sim/network/partition.h"
#include "sim/storage/disks.h"
#include "sim/streams/stream_outbox.h"

namespace peerbed::sim {

struct StreamContext {
  Time now;
  EventQueue& queue;
  Network& network;
  std::vector<Host>& hosts;
  Disks& disks;
  // If other hosts are in other lanes: the lane of each, this one, and what is sent to each of the others.
  const LaneIndex* lane_of = nullptr;
  LaneIndex lane = 0;
  StreamOutbox* outboxes = nullptr;

  // Where what goes to this host is put; null if it is a host of this lane.
  StreamOutbox* outbox_to(NodeIndex host) const noexcept {
    return lane_of == nullptr || lane_of[host] == lane ? nullptr : &outboxes[lane_of[host]];
  }
  // The next event that `source` causes.
  Event next_event(Time at, NodeIndex destination, NodeIndex source, EventKind kind, std::uint32_t value) {
    return {.time = nanoseconds_since_start(at),
            .destination = destination,
            .source = source,
            .sequence = hosts[source].sequence++,
            .what = Event::pack(kind, value)};
  }
  void post(Time at, NodeIndex destination, NodeIndex source, EventKind kind, std::uint32_t value) {
    queue.push(next_event(at, destination, source, kind, value));
  }
};

}  // namespace peerbed::sim
