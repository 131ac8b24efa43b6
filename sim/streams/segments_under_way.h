#pragma once
// The segments between the two ends of their streams. Each is one event, which goes from link to link until it reaches
// its host as EventKind::segment. Callers fill in a new segment, send it, and take it when it has arrived.

#include <cstddef>
#include <cstdint>
#include <vector>

#include "sim/core/pool.h"
#include "sim/streams/segment.h"
#include "sim/streams/stream_context.h"
#include "sim/streams/stream_options.h"

namespace peerbed::sim {

class SegmentsUnderWay {
 public:
  // The share of damaged packets that a checksum does not catch, and whether queues may mark packets with data.
  explicit SegmentsUnderWay(double undetected, bool ecn = false) : undetected_(undetected), ecn_(ecn) {}

  // A new segment, to be sent. It holds what the slot held before: set every field that its receiver reads.
  std::uint32_t add() { return segments_.take(); }
  // One that has come from another table.
  std::uint32_t add(const Segment& segment) {
    const std::uint32_t slot = segments_.take();
    segments_[slot] = segment;
    return slot;
  }
  // One that resets the end `to`; `accepts` if that is the one that accepted the stream.
  std::uint32_t add_reset(EndRef to, EndRef from, bool accepts, AddressFamily family);
  Segment& operator[](std::uint32_t slot) noexcept { return segments_[slot]; }
  const Segment& operator[](std::uint32_t slot) const noexcept { return segments_[slot]; }

  // Sends the segment in this slot, unless there is no such destination: queues an event for each copy of it that the
  // network lets through, or puts it into the outbox of another lane. `last_arrival` is when the last segment in this
  // direction of the stream arrives, and is moved on: a path is a queue, so jitter does not reorder. Counts the packets
  // that are lost.
  void send(StreamContext& context, std::uint32_t slot, NodeIndex source, NodeIndex destination, Time& last_arrival,
            StreamCounters& counters);
  // The segment reaches the link that its event names: one of the backbone, or its host's down-link. Queues the event
  // for the next link or the host, unless all packets were lost. Counts those that were.
  void cross_link(StreamContext& context, const Event& event, StreamCounters& counters);
  void pass_down_link(StreamContext& context, const Event& event, StreamCounters& counters);

  // As it waits in a managed queue, whose link its event names.
  QueuedPacket queued(const Event& event) const;
  // It has left that link, and reaches the next one at `at`, or its host if that is no_link: queues the event for that.
  void leave_link(StreamContext& context, const QueuedPacket& packet, LinkIndex next, Time at,
                  StreamCounters& counters);
  // It was dropped there, by the queue or by chance.
  void drop_at_link(const Event& event, bool by_chance, StreamCounters& counters);

  // Removes a segment that has reached its host, or goes to another table.
  Segment take(const Event& event);

  std::size_t bytes() const noexcept { return segments_.bytes(); }  // memory taken by the table
  void prefetch(const Event& event) const noexcept;
  void append_state(const Event& event, std::vector<std::byte>& out) const;

 private:
  double undetected_;
  bool ecn_;
  Pool<Segment> segments_;
};

}  // namespace peerbed::sim
