#include "sim/streams/segments_under_way.h"

#include <algorithm>
#include <tuple>

#include "protocols/environment/contract.h"
#include "protocols/environment/random.h"
#include "protocols/environment/state.h"

namespace peerbed::sim {

namespace {

// What a segment reaches next.
EventKind next_kind(LinkIndex link, bool shares_link) noexcept {
  if (link != no_link) return EventKind::segment_at_link;
  return shares_link ? EventKind::segment_arrival : EventKind::segment;
}

// A link takes a segment from its first packet on; a host has it when the last one is there.
Time time_of(EventKind kind, const Passage& passage) noexcept {
  return kind == EventKind::segment ? passage.last : passage.first;
}

}  // namespace

std::uint32_t SegmentsUnderWay::add_reset(EndRef to, EndRef from, bool accepts, AddressFamily family) {
  Segment reset;
  reset.to = to;
  reset.from = from;
  reset.side = accepts;
  reset.flags = segment_resets;
  reset.wire_size = Segment::packet_header(family);
  return add(reset);
}

void SegmentsUnderWay::send(StreamContext& context, std::uint32_t slot, NodeIndex source, NodeIndex destination,
                            Time& last_arrival, StreamCounters& counters) {
  const Segment& segment = segments_[slot];
  PEERBED_CONTRACT(segment.packets > 0 && segment.packets <= Burst::maximum_packets, "a segment is 1 to 64 packets");
  if (destination >= context.hosts.size()) return segments_.release(slot);
  const std::uint64_t name = mix(segment.offset + (segment.acknowledged << 32)) + segment.size +
                             (std::uint64_t{segment.flags} << 32) + (std::uint64_t{segment.side} << 40);
  const BurstTransit transit = context.network.send(
      Burst{source, destination, context.now, name, segment.packets, segment.wire_size, undetected_});
  counters.packets_lost += transit.lost;
  counters.packets_overflowed += transit.overflowed;
  if (transit.dropped == DropCause::partition) counters.packets_cut += segment.packets;
  if (transit.copies == 0) return segments_.release(slot);
  const EventKind kind = next_kind(transit.link, source != destination && context.network.has_downlink(destination));
  StreamOutbox* const outbox = context.outbox_to(destination);
  for (std::uint32_t copy = 0; copy < transit.copies; ++copy) {
    const std::uint32_t copied = copy == 0 ? slot : add(Segment(segments_[slot]));
    Passage passage = transit.copy[copy];
    if (copy == 0 && !transit.reordered) {
      passage.first = std::max(passage.first, last_arrival);
      passage.last = std::max(passage.last, last_arrival);
      last_arrival = passage.last;
    }
    segments_[copied].passage = passage;
    segments_[copied].link = transit.link;
    const Time at = is_uplink(transit.link) ? context.now + Duration{1} : time_of(kind, passage);
    const Event event = context.next_event(at, destination, source, kind, copied);
    if (outbox == nullptr)
      context.queue.push(event);
    else
      outbox->add(event, take(event));
  }
}

void SegmentsUnderWay::cross_link(StreamContext& context, const Event& event, StreamCounters& counters) {
  PEERBED_CONTRACT(event.kind() == EventKind::segment_at_link, "a segment crosses a link that it has reached");
  Segment& segment = segments_[event.value()];
  const Network::Losses losses =
      context.network.cross(segment.link, event, segment.packets, segment.wire_size, segment.passage);
  counters.packets_overflowed += losses.overflowed;
  counters.packets_lost += losses.lost;
  if (segment.passage.lost == all_packets(segment.packets)) return segments_.release(event.value());
  const EventKind kind = next_kind(segment.link, context.network.has_downlink(event.destination));
  Event next = event;
  next.time = nanoseconds_since_start(time_of(kind, segment.passage));
  next.what = Event::pack(kind, event.value());
  context.queue.push(next);
}

void SegmentsUnderWay::pass_down_link(StreamContext& context, const Event& event, StreamCounters& counters) {
  PEERBED_CONTRACT(event.kind() == EventKind::segment_arrival, "a segment passes the down-link that it has reached");
  Segment& segment = segments_[event.value()];
  const Network::Losses losses = context.network.receive(event, segment.packets, segment.wire_size, segment.passage);
  counters.packets_overflowed += losses.overflowed;
  counters.packets_lost += losses.lost;
  if (segment.passage.lost == all_packets(segment.packets)) return segments_.release(event.value());
  Event next = event;
  next.time = nanoseconds_since_start(segment.passage.last);
  next.what = Event::pack(EventKind::segment, event.value());
  context.queue.push(next);
}

QueuedPacket SegmentsUnderWay::queued(const Event& event) const {
  const Segment& segment = segments_[event.value()];
  QueuedPacket packet;
  packet.event = event;
  packet.size = segment.wire_size;
  packet.flow =
      (std::uint64_t{1} << 63) | (static_cast<std::uint64_t>(segment.from.serial) << 32) | std::uint64_t{event.source};
  packet.is_markable = ecn_ && segment.size > 0;
  if (is_uplink(segment.link)) packet.onward = segment.passage.first + Duration{1} - Time(Duration(event.time));
  return packet;
}

void SegmentsUnderWay::leave_link(StreamContext& context, const QueuedPacket& packet, LinkIndex next, Time at,
                                  StreamCounters& counters) {
  Segment& segment = segments_[packet.event.value()];
  if (packet.is_marked) {
    segment.flags |= segment_marked;
    counters.packets_marked += segment.packets;
  }
  const bool has_passed_downlink = is_downlink(segment.link);
  segment.link = next;
  segment.passage.first = segment.passage.last = at;
  const EventKind kind =
      next_kind(next, !has_passed_downlink && context.network.has_downlink(packet.event.destination));
  Event event = packet.event;
  event.time = nanoseconds_since_start(at);
  event.what = Event::pack(kind, event.value());
  context.queue.push(event);
}

void SegmentsUnderWay::drop_at_link(const Event& event, bool by_chance, StreamCounters& counters) {
  (by_chance ? counters.packets_lost : counters.packets_overflowed) += segments_[event.value()].packets;
  segments_.release(event.value());
}

Segment SegmentsUnderWay::take(const Event& event) {
  PEERBED_CONTRACT(event.kind() == EventKind::segment || event.kind() == EventKind::segment_arrival,
                   "a segment is taken behind the links that hosts share");
  const Segment segment = segments_[event.value()];
  segments_.release(event.value());
  return segment;
}

void SegmentsUnderWay::prefetch(const Event& event) const noexcept {
  const auto* begin = reinterpret_cast<const std::byte*>(&segments_[event.value()]);
  for (std::size_t line = 0; line < sizeof(Segment); line += 64) __builtin_prefetch(begin + line);
}

void SegmentsUnderWay::append_state(const Event& event, std::vector<std::byte>& out) const {
  const Segment& segment = segments_[event.value()];
  peerbed::append_state(out, std::tuple(segment.to.serial, segment.from.serial, std::uint8_t{segment.side},
                                        segment.flags, segment.size, segment.offset, segment.acknowledged,
                                        segment.window_end, segment.passage.lost, segment.passage.damaged));
}

}  // namespace peerbed::sim
