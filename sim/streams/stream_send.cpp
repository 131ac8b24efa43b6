// Sends segments: data as the windows allow, acknowledgements, retransmissions; and sets the alarms for them.

#include <algorithm>

#include "protocols/environment/random.h"
#include "sim/streams/streams.h"

namespace peerbed::sim {

void Streams::settle(StreamContext& context, EndIndex end) {
  StreamEnd& self = end_at(end);
  switch (self.state) {
    case EndState::connecting:
      if (self.retransmit_at == never) {
        emit(context, end, {0, 0}, segment_synchronises);
        self.retransmit_at = context.now + self.round_trip.timeout(options_.minimum_timeout);
      }
      break;
    case EndState::accepting:
      if (self.retransmit_at == never)
        self.retransmit_at = context.now + self.round_trip.timeout(options_.minimum_timeout);
      break;
    case EndState::open:
      send_what_fits(context, end);
      // Announces space freed since the last acknowledgement to a peer whose window is nearly used up.
      if (const std::uint64_t room = window_end(self); room >= self.advertised_end + options_.receive_buffer / 2 ||
                                                       (room >= self.advertised_end + 2 * Segment::packet_payload &&
                                                        self.advertised_end < self.received + 2 * 65'536))
        self.acknowledges_now = true;
      [[fallthrough]];
    case EndState::lingering:
      if (self.acknowledges_now) emit(context, end, {self.board.next(), self.board.next()}, segment_acknowledges);
      break;
    default:
      break;
  }
  if (self.state != EndState::unused && self.state != EndState::gone) arm(context, end);
}

// A segment is a burst of at most an eighth of the window, so that acknowledgements return steadily, as they would for
// single packets. If the window is not the limit, nothing waits for it.
std::uint64_t Streams::burst_size(StreamContext& context, EndIndex end, std::uint64_t written) const {
  const StreamEnd& self = end_at(end);
  const std::uint64_t window = self.congestion.window();
  const bool is_held_back = written - self.board.first_unacknowledged() > window;
  const std::uint64_t share = self.congestion.is_in_slow_start() ? 2 : 8;
  std::uint64_t limit = std::min({is_held_back ? window / share : window, std::uint64_t{options_.segment_size},
                                  context.network.burst_limit(self.node)});
  if (!context.network.backbone().empty())
    limit = std::min(limit, context.network.burst_limit(self.node, peer_of(end)));
  constexpr std::uint64_t packet = Segment::packet_payload;
  return limit >= options_.segment_size ? options_.segment_size : std::max(packet, limit / packet * packet);
}

// How far the stream can be sent: content has to be read from a slow disk first.
std::uint64_t Streams::read_ahead(StreamContext& context, EndIndex end) {
  constexpr std::uint64_t far_enough = 4 * disk_chunk;
  StreamEnd& self = end_at(end);
  if (self.read_at <= context.now) {
    self.read_end = self.reading_end;
    self.read_at = never;
  }
  self.read_end = std::max(self.read_end, self.board.next());
  for (std::size_t i = 0; i < self.marks.size() && self.read_at == never; ++i) {
    const StreamMark& mark = self.marks[i];
    if (mark.end <= self.read_end) continue;
    if (!mark.content) {
      self.read_end = mark.end;
      continue;
    }
    if (self.read_end >= self.board.next() + far_enough) break;
    const std::uint64_t chunk = std::min(mark.end - self.read_end, disk_chunk);
    self.reading_end = self.read_end + chunk;
    self.read_at = context.disks.of(self.node).pass(chunk, context.now);
  }
  return self.read_end;
}

void Streams::send_what_fits(StreamContext& context, EndIndex end) {
  StreamEnd& self = end_at(end);
  Scoreboard& board = self.board;
  std::uint64_t written = outgoing(end).written();
  std::uint64_t last = written + (self.closing ? 1 : 0);
  if (context.hosts[self.node].slow_disk) {
    const std::uint64_t readable = read_ahead(context, end);
    if (readable < written) last = readable;
    written = std::min(written, readable);
  }
  if (board.outstanding() == 0) {
    if (board.next() == last) return;
    const Duration timeout = self.round_trip.timeout(options_.minimum_timeout);
    if (self.last_sent != never)
      self.congestion.idled(static_cast<std::uint64_t>((context.now - self.last_sent) / timeout));
    self.progress_at = std::max(self.progress_at, context.now);
  }
  self.window_limited = false;
  if (board.next() < last || board.lost() > 0) send_within_windows(context, end, written, last);
  while (!self.marks.empty() && !self.marks.front().content && self.marks.front().end <= board.next()) {
    self.literal_waiting -= self.marks.front().size;
    self.marks.pop_front();
  }
  if (self.retransmit_at == never) restart_timer(context, end);
}

// Sends up to `last`, which counts the FIN after the data.
void Streams::send_within_windows(StreamContext& context, EndIndex end, std::uint64_t written, std::uint64_t last) {
  StreamEnd& self = end_at(end);
  Scoreboard& board = self.board;
  const std::uint64_t burst = burst_size(context, end, last);
  const std::uint64_t largest = std::max(burst, std::uint64_t{options_.segment_size});
  const std::uint64_t window = self.congestion.window();
  while (true) {
    const std::uint64_t flying = board.in_flight();
    std::uint64_t room = window > flying ? (window - flying) / Segment::packet_payload * Segment::packet_payload : 0;
    if (flying == 0) room = std::max<std::uint64_t>(room, Segment::packet_payload);
    if (const auto hole = board.first_lost(std::min(burst, room)); hole && room > 0) {
      emit(context, end, *hole, segment_acknowledges);
      board.sent_again(*hole, context.now);
      continue;
    }
    // The peer's window limits bytes; a FIN takes no space in it.
    const std::uint64_t limit = self.peer_window_end >= written ? last : self.peer_window_end;
    if (board.lost() == 0 && board.next() >= limit) break;
    // A short last packet joins the burst before it.
    const std::uint64_t left = board.lost() > 0 ? burst : limit - board.next();
    const std::uint64_t wanted = left <= burst + Segment::packet_payload ? left : burst;
    if (room < wanted && (room == 0 || flying > 0)) {
      self.window_limited = true;
      break;
    }
    // A remainder of less than half a burst goes with this one.
    std::uint64_t size = std::min(wanted, room);
    if (size == burst && room < burst + burst / 2) size = std::min({room, limit - board.next(), largest});
    const std::uint64_t next = board.next() + size;
    if (next > written) self.lingers = !self.peer_finished();
    emit(context, end, {board.next(), next}, segment_acknowledges);
    board.sent(next, context.now);
  }
}

// ---------------------------------------------------------------------------------------------------------------------
// Segments

// Sends this range, which may include the FIN after the last byte; an empty range is an acknowledgement or a SYN.
void Streams::emit(StreamContext& context, EndIndex end, ByteRange range, std::uint8_t flags) {
  const std::uint32_t slot = segments_.take();
  Segment& segment = segments_[slot];
  StreamEnd& self = end_at(end);
  const Connection& connection = connection_at(end);
  const std::uint64_t bytes_end = std::min(range.end, outgoing(end).written());
  segment.connection = end >> 1;
  segment.generation = connection.generation;
  segment.side = 1 - (end & 1);
  segment.flags = flags;
  if (range.end > bytes_end && range.begin < range.end) segment.flags |= segment_finishes;
  segment.offset = range.begin;
  segment.size = range.begin < bytes_end ? static_cast<std::uint32_t>(bytes_end - range.begin) : 0;
  segment.packets = std::max(1U, (segment.size + Segment::packet_payload - 1) / Segment::packet_payload);
  segment.wire_size = segment.size + std::uint64_t{segment.packets} * Segment::packet_header(family_);
  segment.sent = context.now;
  if (range.begin < range.end) {
    self.last_sent = context.now;
    ++counters_.segments;
    counters_.packets += segment.packets;
    if (range.begin < self.board.next()) counters_.packets_again += segment.packets;
  } else if ((flags & segment_synchronises) == 0) {
    // A receiver would have sent one for every `acknowledge_every` packets of a burst.
    const std::uint32_t stands_for =
        (self.unacknowledged_packets + options_.acknowledge_every - 1) / options_.acknowledge_every;
    segment.wire_size = std::uint64_t{std::max(1U, stands_for)} * Segment::packet_header(family_);
    ++counters_.acknowledgements;
  }
  put_acknowledgement(self, segment);
  put_on_the_wire(context, self.node, peer_of(end), slot);
}

void Streams::put_acknowledgement(StreamEnd& self, Segment& segment) {
  segment.acknowledged = self.received;
  segment.window_end = self.advertised_end = std::max(self.advertised_end, window_end(self));
  segment.echo = self.echo;
  segment.echo_spread = self.echo_spread;
  self.echo = never;
  segment.answered_size = 0;
  segment.block_count = 0;
  self.unacknowledged_packets = 0;
  self.acknowledges_now = false;
  self.acknowledge_at = never;
  if (self.early.empty()) return;
  segment.answered_offset = self.answered_offset;
  segment.answered_size = std::exchange(self.answered_size, 0);
  segment.answered_lost = self.answered_lost;
  // The ranges take turns, so that all get through even if acknowledgements are lost.
  const auto early = self.early.all();
  for (std::size_t i = 0; i < std::min<std::size_t>(early.size(), Segment::maximum_blocks); ++i)
    segment.blocks[segment.block_count++] = early[self.block_turn++ % early.size()];
}

// Sends a reset to `to` from the host at the other end.
void Streams::emit_reset(StreamContext& context, EndIndex to) {
  const Connection& connection = connection_at(to);
  const StreamEnd& target = connection.ends[to & 1];
  if (target.state == EndState::unused || target.state == EndState::gone) return;
  const std::uint32_t slot = segments_.take();
  Segment& segment = segments_[slot];
  segment = {};
  segment.connection = to >> 1;
  segment.generation = connection.generation;
  segment.side = to & 1;
  segment.flags = segment_resets;
  segment.wire_size = Segment::packet_header(family_);
  put_on_the_wire(context, peer_of(to), target.node, slot);
}

void Streams::put_on_the_wire(StreamContext& context, NodeIndex source, NodeIndex destination, std::uint32_t slot) {
  Segment& segment = segments_[slot];
  if (destination >= context.hosts.size()) return segments_.release(slot);
  const std::uint64_t name = mix(segment.offset + (segment.acknowledged << 32)) + segment.size +
                             (std::uint64_t{segment.flags} << 32) + (std::uint64_t{segment.side} << 40);
  const BurstTransit transit = context.network.send(Burst{source, destination, context.now, name, segment.packets,
                                                          segment.wire_size, options_.undetected_corruption});
  counters_.packets_lost += transit.lost;
  counters_.packets_overflowed += transit.overflowed;
  if (transit.dropped == DropCause::partition) counters_.packets_cut += segment.packets;
  if (transit.copies == 0) return segments_.release(slot);
  const bool shares_link = source != destination && context.network.has_downlink(destination);
  const EventKind kind = transit.link != no_link ? EventKind::segment_at_link
                         : shares_link           ? EventKind::segment_arrival
                                                 : EventKind::segment;
  StreamEnd& sender = connections_[segment.connection].ends[1 - segment.side];
  for (std::uint32_t copy = 0; copy < transit.copies; ++copy) {
    std::uint32_t copied = slot;
    if (copy > 0) {
      copied = segments_.take();
      segments_[copied] = segments_[slot];
    }
    Passage passage = transit.copy[copy];
    if (copy == 0 && !transit.reordered) {
      passage.first = std::max(passage.first, sender.last_arrival);
      passage.last = std::max(passage.last, sender.last_arrival);
      sender.last_arrival = passage.last;
    }
    segments_[copied].passage = passage;
    segments_[copied].link = transit.link;
    post(context, kind == EventKind::segment ? passage.last : passage.first, destination, source, kind, copied);
  }
}

void Streams::post(StreamContext& context, Time at, NodeIndex destination, NodeIndex source, EventKind kind,
                   std::uint32_t value) {
  context.queue.push({.time = nanoseconds_since_start(at),
                      .destination = destination,
                      .source = source,
                      .sequence = context.hosts[source].sequence++,
                      .what = Event::pack(kind, value)});
}

// ---------------------------------------------------------------------------------------------------------------------
// Alarms

// The timer runs while something is outstanding, and while a closed window holds back written data (RFC 9293).
void Streams::restart_timer(StreamContext& context, EndIndex end) {
  StreamEnd& self = end_at(end);
  const std::uint64_t last = outgoing(end).written() + (self.closing ? 1 : 0);
  if (self.board.outstanding() == 0 && self.board.next() == last) {
    self.retransmit_at = never;
    return;
  }
  const Duration timeout = std::min(
      self.round_trip.timeout(options_.minimum_timeout) * (std::int64_t{1} << self.backoff), options_.maximum_timeout);
  self.retransmit_at = context.now + timeout;
  // If nothing is heard for two round trips, the last bytes may be lost with nothing after them to reveal it.
  self.retransmit_probes = options_.recovery == LossRecovery::selective && !self.recovers && !self.has_probed &&
                           self.backoff == 0 && self.board.outstanding() > 0 && self.round_trip.is_known();
  if (!self.retransmit_probes) return;
  Duration patience = 2 * self.round_trip.smoothed() + std::chrono::milliseconds(2);
  if (self.board.outstanding() <= Segment::packet_payload) patience += 5 * options_.delayed_acknowledgement;
  self.retransmit_at = context.now + std::min(patience, timeout);
}

// Sends the last packet again, or a new one if there is any: a tail loss probe (RFC 8985, section 7).
void Streams::probe(StreamContext& context, EndIndex end) {
  StreamEnd& self = end_at(end);
  const std::uint64_t last = outgoing(end).written() + (self.closing ? 1 : 0);
  const std::uint64_t next = self.board.next();
  const std::uint64_t limit = std::min({last, self.peer_window_end, next + Segment::packet_payload});
  self.has_probed = true;
  if (limit > next && !context.hosts[self.node].slow_disk) {
    emit(context, end, {next, limit}, segment_acknowledges);
    self.board.sent(limit, context.now);
  } else {
    const std::uint64_t begin =
        std::max(self.board.first_unacknowledged(), next - std::min<std::uint64_t>(next, Segment::packet_payload));
    emit(context, end, {begin, next}, segment_acknowledges);
    self.board.sent_again({begin, next}, context.now);
  }
}

void Streams::arm(StreamContext& context, EndIndex end) {
  StreamEnd& self = end_at(end);
  const Time due = std::min({self.retransmit_at, self.lost_at, self.acknowledge_at, self.linger_until, self.read_at,
                             self.written_at > context.now ? self.written_at : never});
  if (due >= self.alarm_queued) return;
  self.alarm_queued = due;
  post(context, due, self.node, self.node, EventKind::stream_alarm, end);
}

EndIndex Streams::alarm(StreamContext& context, const Event& event) {
  const EndIndex end = event.value();
  StreamEnd& self = end_at(end);
  if (self.node != event.destination || self.alarm_queued != context.now || self.state == EndState::gone) return no_end;
  self.alarm_queued = never;
  if (self.linger_until <= context.now) {
    leave(end);
    return no_end;
  }
  if (self.acknowledge_at <= context.now) self.acknowledges_now = true;
  if (self.lost_at <= context.now) recover(self, context.now);
  if (self.retransmit_at <= context.now && !retransmission_due(context, end)) return no_end;
  return end;
}

// Returns false if the end no longer exists.
bool Streams::retransmission_due(StreamContext& context, EndIndex end) {
  StreamEnd& self = end_at(end);
  const bool is_shaking_hands = self.state != EndState::open;
  const Time since = self.state == EndState::connecting ? connection_at(end).opened_at : self.progress_at;
  if (context.now - since >= (is_shaking_hands ? options_.connect_timeout : options_.user_timeout)) {
    const bool is_known = self.state != EndState::accepting;
    if (!is_shaking_hands) emit_reset(context, end ^ 1U);
    fail(end);
    return is_known;
  }
  if (std::exchange(self.retransmit_probes, false)) {
    probe(context, end);
    restart_timer(context, end);
    return true;
  }
  self.backoff = static_cast<std::uint8_t>(std::min(self.backoff + 1, 20));
  if (is_shaking_hands) {
    const std::uint8_t answer = self.state == EndState::accepting ? segment_acknowledges : 0;
    emit(context, end, {0, 0}, segment_synchronises | answer);
  } else if (self.board.outstanding() == 0) {
    emit(context, end, {self.board.next(), self.board.next()}, segment_acknowledges | segment_probes);
  } else {
    ++counters_.timeouts;
    if (self.backoff == 1) self.congestion.timed_out();
    self.board.lose_all();
    self.lost_at = never;
    self.recovers = self.after_timeout = true;
    self.recovery_end = self.board.next();
  }
  if (is_shaking_hands) {
    const Duration timeout = self.round_trip.timeout(options_.minimum_timeout) * (std::int64_t{1} << self.backoff);
    self.retransmit_at = std::min(context.now + timeout, since + options_.connect_timeout);
  } else {
    restart_timer(context, end);
  }
  return true;
}

}  // namespace peerbed::sim
