// Processes arriving segments: their acknowledgements and their data.

#include <algorithm>

#include "protocols/environment/random.h"
#include "sim/streams/streams.h"

namespace peerbed::sim {

void Streams::cross_link(StreamContext& context, const Event& event) {
  Segment& segment = segments_[event.value()];
  Passage& passage = segment.passage;
  counters_.packets_overflowed +=
      context.network.cross(segment.link, event.destination, segment.packets, segment.wire_size, passage);
  if (passage.lost == all_packets(segment.packets)) return segments_.release(event.value());
  const bool shares_link = context.network.has_downlink(event.destination);
  const EventKind kind = segment.link != no_link ? EventKind::segment_at_link
                         : shares_link           ? EventKind::segment_arrival
                                                 : EventKind::segment;
  Event next = event;
  next.time = nanoseconds_since_start(kind == EventKind::segment ? passage.last : passage.first);
  next.what = Event::pack(kind, event.value());
  context.queue.push(next);
}

void Streams::pass_down_link(StreamContext& context, const Event& event) {
  Segment& segment = segments_[event.value()];
  counters_.packets_overflowed +=
      context.network.receive(event.destination, segment.packets, segment.wire_size, segment.passage);
  if (segment.passage.lost != 0 && segment.passage.lost == all_packets(segment.packets))
    return segments_.release(event.value());
  Event through = event;
  through.time = nanoseconds_since_start(segment.passage.last);
  through.what = Event::pack(EventKind::segment, event.value());
  context.queue.push(through);
}

namespace {

// An acknowledgement says when the segment that it answers was sent (RFC 7323).
void echo(StreamEnd& self, const Segment& segment) {
  self.echo = segment.sent;
  const Passage& passage = segment.passage;
  self.echo_spread = std::max(passage.last - passage.first - passage.stretch, Duration::zero());
}

}  // namespace

EndIndex Streams::segment(StreamContext& context, const Event& event) {
  const Segment segment = segments_[event.value()];
  segments_.release(event.value());
  if (context.hosts[event.destination].status == HostStatus::down) return no_end;
  const Connection& connection = connections_[segment.connection];
  if (connection.generation != segment.generation) return no_end;  // both ends are gone
  const EndIndex end = 2 * segment.connection + segment.side;
  StreamEnd& self = end_at(end);
  if ((segment.flags & segment_synchronises) != 0 && segment.side == 1) {
    if (self.state == EndState::unused) accept(context, end);
    if (self.state == EndState::unused || self.state == EndState::gone) return refuse(context, segment);
    echo(self, segment);
    emit(context, end, {0, 0}, segment_synchronises | segment_acknowledges);
    return end;
  }
  if ((segment.flags & segment_resets) != 0) {
    const bool is_done = self.peer_finished() && self.board.first_unacknowledged() > outgoing(end).written();
    if (self.is_live() && !is_done) fail(end);
    if (self.state == EndState::lingering) leave(end);
    return end;
  }
  switch (self.state) {
    case EndState::unused:
    case EndState::gone:
    case EndState::broken:
      return refuse(context, segment);
    case EndState::lingering:
      self.acknowledges_now = segment.size > 0 || (segment.flags & segment_finishes) != 0;
      return end;
    case EndState::connecting:
      if ((segment.flags & segment_synchronises) == 0) return no_end;
      self.retransmit_at = never;
      self.backoff = 0;
      [[fallthrough]];
    case EndState::accepting:
      self.state = EndState::open;
      self.announces = true;
      self.retransmit_at = never;
      self.backoff = 0;
      if (segment.echo != never) self.round_trip.measured(context.now - segment.echo);
      [[fallthrough]];
    case EndState::open:
      break;
  }
  if ((segment.flags & segment_synchronises) != 0) {
    echo(self, segment);
    self.acknowledges_now = true;
    self.peer_window_end = std::max(self.peer_window_end, segment.window_end);
    return end;
  }
  take_acknowledgement(context, end, segment);
  take_payload(context, end, segment);
  return end;
}

// A SYN arrived at a host that may listen.
void Streams::accept(StreamContext& context, EndIndex end) {
  const Connection& connection = connection_at(end);
  if (connection.address.port() != host_port || !context.hosts[connection.to].accepts_streams) return;
  if (connection.ends[0].state == EndState::gone) return;
  HostStreams& host = streams_of(connection.to);
  const StreamId id{host.next_accepted};
  host.next_accepted += 2;
  begin(end, connection.to, id);
  end_at(end).state = EndState::accepting;
  end_at(end).progress_at = context.now;
}

// A segment arrived for a stream that this host does not have.
EndIndex Streams::refuse(StreamContext& context, const Segment& segment) {
  if ((segment.flags & segment_resets) == 0) emit_reset(context, (2 * segment.connection + segment.side) ^ 1U);
  return no_end;
}

// ---------------------------------------------------------------------------------------------------------------------
// Acknowledgements

void Streams::take_acknowledgement(StreamContext& context, EndIndex end, const Segment& segment) {
  StreamEnd& self = end_at(end);
  self.peer_window_end = std::max(self.peer_window_end, segment.window_end);
  if (self.board.outstanding() == 0) {
    self.backoff = 0;  // that probes had caused
    self.progress_at = context.now;
    self.retransmit_at = never;
    return;
  }
  const bool grows = !self.recovers || self.after_timeout;
  std::uint64_t highest = segment.acknowledged;
  const std::uint64_t in_order = self.board.acknowledge(segment.acknowledged);
  std::uint64_t news = in_order;
  if (options_.recovery == LossRecovery::selective) {
    take_selective(self, segment, news, highest);
  } else if (in_order == 0 && segment.size == 0 && segment.acknowledged == self.board.first_unacknowledged()) {
    ++self.duplicates;
    return recover_by_duplicates(self, 0);
  }
  if (news == 0) return;
  if (segment.echo != never) {
    self.round_trip.measured(context.now - segment.echo - segment.echo_spread);
    self.board.arrived(segment.echo, highest, context.now);
  }
  if (in_order > 0) {
    self.has_probed = false;
    self.progress_at = context.now;
    self.backoff = 0;
    restart_timer(context, end);
  }
  if (options_.recovery == LossRecovery::selective)
    recover(self, context.now);
  else
    recover_by_duplicates(self, in_order);
  if (grows && in_order > 0 && self.window_limited && (!self.recovers || self.after_timeout))
    self.congestion.arrived(in_order, context.now, self.round_trip.smoothed());
}

void Streams::take_selective(StreamEnd& self, const Segment& segment, std::uint64_t& news, std::uint64_t& highest) {
  if (segment.answered_size > 0) {
    const std::uint32_t packets = (segment.answered_size + Segment::packet_payload - 1) / Segment::packet_payload;
    for_each_run(segment.answered_offset, segment.answered_size, packets, segment.answered_lost, [&](ByteRange run) {
      news += self.board.acknowledge_selectively(run);
      highest = std::max(highest, run.end);
    });
  }
  for (std::size_t i = 0; i < segment.block_count; ++i) news += self.board.acknowledge_selectively(segment.blocks[i]);
}

// Enters recovery when something is lost, and leaves it when everything outstanding at that time has arrived (RFC
// 6675). A gap counts as lost at once if it is wide or other losses are being recovered, else a quarter of a round trip
// later (RFC 8985).
void Streams::recover(StreamEnd& self, Time now) {
  const bool is_patient = !self.recovers && !self.board.has_wide_gap();
  self.lost_at = self.board.detect_losses(now, is_patient ? self.round_trip.smoothed() / 4 : Duration::zero());
  if (self.recovers && self.board.first_unacknowledged() >= self.recovery_end)
    self.recovers = self.after_timeout = false;
  if (self.recovers || !self.board.has_losses()) return;
  self.recovers = true;
  self.recovery_end = self.board.next();
  self.congestion.lost();
}

// The third duplicate acknowledgement signals a loss; each further one says that a packet has left the network. In
// NewReno, a partial acknowledgement signals the next loss; in Reno, any new acknowledgement ends the recovery.
void Streams::recover_by_duplicates(StreamEnd& self, std::uint64_t in_order) {
  constexpr std::uint32_t threshold = 3;
  constexpr std::uint64_t packet = Segment::packet_payload;
  Scoreboard& board = self.board;
  const bool fast = self.recovers && !self.after_timeout;
  if (in_order == 0) {
    if (fast) board.depart(packet);
    if (self.duplicates != threshold || self.recovers || board.first_unacknowledged() < self.recovery_end) return;
    self.recovers = true;
    self.recovery_end = board.next();
    self.congestion.lost();
    board.lose_first();
    board.depart(threshold * packet);
    return;
  }
  self.duplicates = 0;
  if (board.first_unacknowledged() >= self.recovery_end || (fast && options_.recovery == LossRecovery::reno)) {
    self.recovers = self.after_timeout = false;
    board.forget_departed();
  } else if (fast) {
    const std::uint64_t departed = board.departed();
    board.forget_departed();
    board.depart(departed > in_order ? departed - in_order + packet : 0);
    board.lose_first();
  }
}

// ---------------------------------------------------------------------------------------------------------------------
// Data

void Streams::take_payload(StreamContext& context, EndIndex end, const Segment& segment) {
  StreamEnd& self = end_at(end);
  const bool finishes = (segment.flags & segment_finishes) != 0;
  const std::uint64_t size = segment.size + (finishes ? 1U : 0U);
  if (size == 0) {
    self.acknowledges_now |= (segment.flags & segment_probes) != 0;
    return;
  }
  const std::uint64_t before = self.received;
  const bool had_gap = !self.early.empty();
  if (self.unacknowledged_packets == 0) echo(self, segment);
  self.unacknowledged_packets += segment.packets;
  const std::uint64_t lost = segment.passage.lost;
  if (finishes && (lost >> (segment.packets - 1) & 1) == 0) self.peer_end = segment.offset + segment.size;
  std::uint64_t news = 0;
  for_each_run(segment.offset, size, segment.packets, lost, [&](ByteRange run) {
    const std::uint64_t fresh = take_range(self, run);
    news += fresh;
    counters_.duplicate_bytes += run.size() - fresh;
  });
  counters_.payload_bytes += news;
  if (segment.passage.damaged != 0) {
    Pipe& in = incoming(end);
    for_each_run(segment.offset, segment.size, segment.packets, ~segment.passage.damaged, [&](ByteRange run) {
      counters_.harmed_bytes += run.size();
      in.harm_range(run, key_of(mix(run.begin), self.node, nanoseconds_since_start(context.now)) | 1);
    });
  }
  if (!self.early.empty() && self.received == before) echo(self, segment);
  if (!self.early.empty()) {
    self.answered_offset = segment.offset;
    self.answered_size = segment.size;
    self.answered_lost = lost;
  }
  // Acknowledges at once if there is or was a gap, if nothing was new, at the end, and for every second packet (RFC
  // 5681).
  if (had_gap || !self.early.empty() || news == 0 || self.peer_finished() ||
      self.unacknowledged_packets >= options_.acknowledge_every)
    self.acknowledges_now = true;
  else if (self.acknowledge_at == never)
    self.acknowledge_at = context.now + options_.delayed_acknowledgement;
}

// Takes bytes that got through. Returns how many are new.
std::uint64_t Streams::take_range(StreamEnd& self, ByteRange range) {
  range.begin = std::max(range.begin, self.received);
  if (range.begin >= range.end) return 0;
  if (range.begin > self.received) return self.early.add(range);
  std::uint64_t fresh = range.end - range.begin;
  self.received = range.end;
  if (self.early.empty()) return fresh;
  fresh -= self.early.covered(range);
  const auto early = self.early.all();
  if (early.front().begin <= self.received) {
    const std::size_t behind = self.early.first_behind(self.received);
    if (behind < early.size() && early[behind].begin <= self.received) self.received = early[behind].end;
    self.early.remove_below(self.received);
  }
  return fresh;
}

}  // namespace peerbed::sim
