#pragma once
// What is pending for some of a world's hosts, and what has happened there. One thread at a time handles the events of
// a lane; what it shares with others is in Commons. A world on one thread is one lane.

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "host/traffic_count.h"
#include "protocols/environment/effects.h"
#include "sim/core/event_queue.h"
#include "sim/engine/datagrams_under_way.h"
#include "sim/engine/deferred_events.h"
#include "sim/engine/lane_log.h"
#include "sim/engine/link_traffic.h"
#include "sim/engine/outbox.h"
#include "sim/engine/transcript.h"
#include "sim/engine/world_counters.h"
#include "sim/engine/world_options.h"
#include "sim/network/partition.h"
#include "sim/storage/content_operations.h"
#include "sim/streams/streams.h"

namespace peerbed::sim {

// What the handler that runs has recorded. A copy of a world takes none of it, and no memory for it.
struct HandlerLog : Effects {
  HandlerLog() = default;
  HandlerLog(const HandlerLog&) : Effects() {}
  HandlerLog(HandlerLog&&) = default;
  HandlerLog& operator=(HandlerLog&&) = default;
  HandlerLog& operator=(const HandlerLog&) = delete;
  ~HandlerLog() = default;
};

struct alignas(64) Lane {
  explicit Lane(const WorldOptions& options, LaneIndex number = 0)
      : index(number),
        queue(options.queue),
        operations(options.hashing),
        streams(options.streams, options.family),
        deferred(options.receive_buffer) {}

  // The memory that the lane's pending events take.
  std::size_t bytes() const noexcept {
    return queue.bytes() + datagrams.bytes() + operations.bytes() + streams.bytes();
  }

  LaneIndex index;
  Time now;
  Event current;                          // that is handled now
  std::uint64_t last_event = UINT64_MAX;  // it stops when it has handled so many
  EventQueue queue;
  DatagramsUnderWay datagrams;
  ContentOperations operations;
  Streams streams;
  DeferredEvents deferred;
  WorldCounters counters;
  std::vector<std::array<TrafficCount, 256>> sent;  // of each population, by Header::kind
  Transcript transcript;
  HandlerLog effects;
  LinkTraffic link_traffic;
  // For the other lanes, by their index: those that are being filled, at `parity`, and those that are being emptied.
  std::array<std::vector<Outbox>, 2> outboxes;
  std::array<std::vector<StreamOutbox>, 2> stream_outboxes;
  std::uint8_t parity = 0;
  std::array<LaneLog, 2> logs;  // of the present window and of the last one, at its parity
};

}  // namespace peerbed::sim
