#include "sim/streams/streams.h"

#include <algorithm>

#include "protocols/environment/contract.h"
#include "sim/streams/gateway_sessions.h"

namespace peerbed::sim {

Streams::Streams(const StreamOptions& options, AddressFamily family)
    : options_(options), family_(family), segments_(options.undetected_corruption, options.ecn) {
  const bool fits = options.segment_size >= Segment::packet_payload && options.segment_size <= 65'536;
  PEERBED_CONTRACT(fits, "a segment stands for 1460 to 65,536 bytes");
}

// ---------------------------------------------------------------------------------------------------------------------
// Effects

void Streams::open(StreamContext& context, NodeIndex node, StreamId id, Address to) {
  PEERBED_CONTRACT(id.value % 2 == 1, "a node opens streams with odd ids of their own");
  const EndIndex end = ends_.begin(node, id, options_, context.now);
  StreamEnd& self = ends_.at(end);
  self.first_sequence = context.hosts[node].sequence;
  self.state = EndState::connecting;
  self.opened_here = true;
  self.peer_node = to == address_of(node_at(to), family_).with_port(to.port()) ? node_at(to) : no_node;
  self.remote = to;
  self.seen_as = address_of(node, family_);
  ++counters_.opened;
  touch(end);
}

void Streams::touch(EndIndex end) {
  if (ends_.at(end).touched) return;
  ends_.at(end).touched = true;
  touched_.push_back(ends_.ref(end));
}

void Streams::write(StreamContext& context, NodeIndex node, StreamId id, Bytes bytes) {
  PEERBED_CONTRACT(bytes.size() <= maximum_stream_request, "a write to a stream is bounded");
  const EndIndex end = find_live(node, id);
  if (end == no_end || bytes.empty()) return;
  StreamEnd& self = ends_.at(end);
  PEERBED_CONTRACT(!self.closing, "a node writes nothing behind its close_stream");
  touch(end);
  if (!self.queue.has_room_for(bytes.size())) return break_off(context, end);
  ++counters_.messages;
  ends_.write(end, bytes, bytes.size(), outbox_of(context, self));
  self.queue.write(self.written, bytes.size());
}

void Streams::send_content(StreamContext& context, NodeIndex node, StreamId id, const ContentRange& range,
                           std::uint64_t harm_mark) {
  const EndIndex end = find_live(node, id);
  if (end == no_end || range.size == 0) return;
  StreamEnd& self = ends_.at(end);
  PEERBED_CONTRACT(!self.closing, "a node sends nothing behind its close_stream");
  touch(end);
  const ContentStore& store = context.disks.of(node).store;
  const auto content = store.contents.find(range.content);
  const bool there = content != store.contents.end() && range.offset <= content->second.content.size() &&
                     range.size <= content->second.content.size() - range.offset;
  if (!there || context.disks.fails(node)) return break_off(context, end);
  extents_.clear();
  content->second.content.read(range.offset, range.size, extents_);
  for (Extent& extent : extents_) {
    if (harm_mark != 0) harm(extent, harm_mark);
    ends_.write(end, extent, extent.size, outbox_of(context, self));
  }
  self.queue.send(self.written, range);
}

void Streams::receive(NodeIndex node, StreamId id, const StreamRequest& request) {
  const EndIndex end = find_live(node, id);
  if (end == no_end || ends_.at(end).requests.is_closed()) return;
  ends_.at(end).requests.add(request);
  ends_.at(end).receiver.ask(request.size);
  touch(end);
}

void Streams::close(NodeIndex node, StreamId id) {
  const EndIndex end = find_live(node, id);
  if (end == no_end) return;
  ends_.at(end).closing = true;
  touch(end);
}

void Streams::reset(StreamContext& context, NodeIndex node, StreamId id) {
  const EndIndex end = ends_.find(node, id);
  if (end == no_end) return;
  if (ends_.at(end).is_live()) emit_reset(context, end);
  ends_.remove(end);
}

void Streams::exit(StreamContext& context, NodeIndex node) {
  ends_.for_each_of(node, [&](EndIndex end) {
    if (ends_.at(end).is_live()) emit_reset(context, end);
  });
  forget(node);
}

void Streams::flush(StreamContext& context) {
  // What a handler touched stays in touched_ only while its host's effects are applied, and settling adds nothing.
  for (const auto [end, serial] : touched_) {
    StreamEnd& self = ends_.at(end);
    if (self.serial != serial || !self.touched) continue;
    self.touched = false;
    settle(context, end);
    if (end == served_ || !wake(end)) continue;
    context.post(context.now, self.node, self.node, EventKind::stream_ready, end);
  }
  touched_.clear();
}

// ---------------------------------------------------------------------------------------------------------------------
// What nodes are told

EndIndex Streams::ready(const Event& event) {
  const EndIndex end = event.value();
  StreamEnd& self = ends_.at(end);
  if (!is_meant(self, event)) return no_end;
  self.ready_queued = false;
  return end;
}

bool Streams::has_news(EndIndex end) const {
  const StreamEnd& self = ends_.at(end);
  if (self.announces || self.state == EndState::broken) return true;
  if (self.state != EndState::open) return false;
  if (self.queue.has_sent_content(self.sender.next())) return true;
  if (!self.requests.empty()) {
    const std::uint64_t untaken = self.receiver.readable_end() - self.pipe.taken();
    if (self.receiver.peer_finished() || untaken >= self.requests.front().size) return true;
  }
  return self.is_closed();
}

bool Streams::wake(EndIndex end) {
  StreamEnd& self = ends_.at(end);
  if (self.ready_queued || !has_news(end)) return false;
  return self.ready_queued = true;
}

bool Streams::next_event(StreamContext& context, EndIndex end, StreamEvent& event) {
  StreamEnd& self = ends_.at(end);
  event = {.stream = self.id, .kind = {}, .peer = self.remote, .bytes = {}, .range = {}};
  if (!self.is_live() && self.state != EndState::broken) return false;
  if (self.state == EndState::broken) {
    event.kind = StreamEventKind::reset;
    ++counters_.reset;
    ends_.remove(end);
    return true;
  }
  if (self.announces) {
    self.announces = false;
    event.kind = self.opened_here ? StreamEventKind::opened : StreamEventKind::accepted;
    counters_.accepted += self.opened_here ? 0 : 1;
    return true;
  }
  if (self.state != EndState::open) return false;
  if (self.queue.has_sent_content(self.sender.next())) {
    event.kind = StreamEventKind::content_sent;
    event.range = self.queue.take_sent_content(self.sender.next());
    return true;
  }
  if (!self.requests.empty() && next_received(context, end, event)) return true;
  if (!self.is_closed()) return false;
  event.kind = StreamEventKind::closed;
  ++counters_.closed;
  finish(context, end);
  return true;
}

// Answers the first request if what it asks for has arrived or never will.
bool Streams::next_received(StreamContext& context, EndIndex end, StreamEvent& event) {
  StreamEnd& self = ends_.at(end);
  const StreamRequest request = self.requests.front();
  const std::uint64_t readable = self.receiver.readable_end();
  const bool waits_for_disk =
      request.to_content && context.hosts[self.node].slow_disk &&
      !self.requests.is_written(self.pipe.taken(), readable, context.disks.of(self.node), context.now);
  if (readable - self.pipe.taken() < request.size) {
    if (!self.receiver.peer_finished()) return false;
    self.requests.close();
    self.pipe.skip(self.receiver.peer_end() - self.pipe.taken());
    event.kind = StreamEventKind::half_closed;
    return true;
  }
  if (waits_for_disk) return false;
  self.requests.pop_front();
  if (!request.to_content) {
    delivered_.resize(request.size);
    self.pipe.take(delivered_);
    event.kind = StreamEventKind::bytes_received;
    event.bytes = delivered_;
    return true;
  }
  extents_.clear();
  self.pipe.take(request.size, extents_);
  const bool taken = context.disks.write(self.node, request.range.content, request.range.offset, extents_);
  event.kind = taken ? StreamEventKind::content_received : StreamEventKind::content_lost;
  event.range = request.range;
  return true;
}

// ---------------------------------------------------------------------------------------------------------------------
// Ends of streams

// Both sides are done. If this end's FIN did not answer the peer's, the end lingers: the peer may not know yet that its
// own FIN arrived.
void Streams::finish(StreamContext& context, EndIndex end) {
  StreamEnd& self = ends_.at(end);
  ends_.part_from_node(end);
  if (!self.lingers) return ends_.remove(end);
  self.state = EndState::lingering;
  self.linger_until = context.now + options_.linger;
  self.sender.stop_timers();
}

// The stream failed for this end; its node will be told.
void Streams::fail(EndIndex end) {
  StreamEnd& self = ends_.at(end);
  if (self.state == EndState::accepting) return ends_.remove(end);  // its node never knew of the stream
  self.state = EndState::broken;
  self.sender.stop_timers();
  self.receiver.stop_timer();
}

// This host resets the stream, and tells both nodes.
void Streams::break_off(StreamContext& context, EndIndex end) {
  emit_reset(context, end);
  fail(end);
}

// ---------------------------------------------------------------------------------------------------------------------
// Arriving segments

EndIndex Streams::segment(StreamContext& context, const Event& event) {
  const Segment segment = segments_.take(event);
  if (context.hosts[event.destination].status == HostStatus::down) return no_end;
  const bool synchronises = (segment.flags & segment_synchronises) != 0;
  if (synchronises && segment.side == 1) return synchronise(context, event, segment);
  const EndIndex end = ends_.find(event.destination, segment.to);
  if (!GatewaySessions::admit(context, ends_, end, segment, event, counters_)) return no_end;
  if (end == no_end) return refuse(context, event, segment);
  StreamEnd& self = ends_.at(end);
  if ((segment.flags & segment_resets) != 0) {
    if (self.is_live() && !self.is_done()) fail(end);
    if (self.state == EndState::lingering) ends_.remove(end);
    return end;
  }
  switch (self.state) {
    case EndState::unused:
    case EndState::broken:
      return refuse(context, event, segment);
    case EndState::lingering:
      if (segment.size > 0 || (segment.flags & segment_finishes) != 0) self.receiver.acknowledge_now();
      return end;
    case EndState::connecting:
      if (!synchronises) return no_end;
      ends_.meet(end, event.source, segment.from, segment.sender, context.outbox_to(event.source));
      [[fallthrough]];
    case EndState::accepting:
      self.state = EndState::open;
      self.announces = true;
      self.sender.finish_handshake(segment.echo, context.now);
      [[fallthrough]];
    case EndState::open:
      break;
  }
  if (synchronises) {
    if (segment.from != self.peer) return refuse(context, event, segment);  // a repeated SYN was accepted once more
    self.receiver.echo(segment);
    self.receiver.acknowledge_now();
    self.sender.widen_window(segment.window_end);
    return end;
  }
  self.sender.take_acknowledgement(segment, end_of_writing(end), context.now, options_);
  take_payload(context, end, segment);
  return end;
}

// A SYN arrived at a host that may listen.
EndIndex Streams::synchronise(StreamContext& context, const Event& event, const Segment& segment) {
  EndIndex end = ends_.find_accepted(event.source, segment.from);
  if (end != no_end && ends_.at(end).node != event.destination) return no_end;  // a NAT has led it elsewhere
  if (!GatewaySessions::admit(context, ends_, end, segment, event, counters_)) return no_end;
  const Host& host = context.hosts[event.destination];
  if (end == no_end) {
    if (segment.is_listened == 0 || !host.accepts_streams) return refuse(context, event, segment);
    end = ends_.begin_accepted(event.destination, event.source, segment.from, options_, context.now);
    StreamEnd& self = ends_.at(end);
    self.first_sequence = host.sequence;
    self.state = EndState::accepting;
    self.peer_id = segment.sender;
    self.remote = GatewaySessions::opener(context, ends_, segment, event, family_);
  }
  ends_.at(end).receiver.echo(segment);
  emit_empty(context, end, segment_synchronises | segment_acknowledges);
  return end;
}

// A segment arrived for a stream that this host does not have.
EndIndex Streams::refuse(StreamContext& context, const Event& event, const Segment& segment) {
  if ((segment.flags & segment_resets) != 0) return no_end;
  Time nothing_before;
  const std::uint32_t reset = segments_.add_reset(segment.from, segment.to, segment.side == 0, family_);
  segments_.send(context, reset, event.destination, event.source, nothing_before, counters_);
  return no_end;
}

void Streams::take_payload(StreamContext& context, EndIndex end, const Segment& segment) {
  StreamEnd& self = ends_.at(end);
  const Receiver::Taken taken = self.receiver.take(segment, context.now, options_);
  counters_.payload_bytes += taken.fresh;
  counters_.duplicate_bytes += taken.again;
  if (segment.passage.damaged == 0) return;
  for_each_run(segment.offset, segment.size, segment.packets, ~segment.passage.damaged, [&](ByteRange run) {
    counters_.harmed_bytes += run.size();
    const std::uint64_t mark = key_of(mix(run.begin), self.node, nanoseconds_since_start(context.now)) | 1;
    self.pipe.harm_range(run, mark);
  });
}

// ---------------------------------------------------------------------------------------------------------------------
// Alarms

void Streams::arm(StreamContext& context, EndIndex end) {
  StreamEnd& self = ends_.at(end);
  const Time written_at = self.requests.written_at();
  const Time due = std::min({self.sender.due(), self.receiver.due(), self.linger_until, self.queue.read_at(),
                             written_at > context.now ? written_at : never});
  if (due >= self.alarm_queued) return;
  self.alarm_queued = due;
  context.post(due, self.node, self.node, EventKind::stream_alarm, end);
}

EndIndex Streams::alarm(StreamContext& context, const Event& event) {
  const EndIndex end = event.value();
  StreamEnd& self = ends_.at(end);
  if (!is_meant(self, event) || self.alarm_queued != context.now) return no_end;
  self.alarm_queued = never;
  if (self.linger_until <= context.now) {
    ends_.remove(end);
    return no_end;
  }
  self.receiver.wake(context.now);
  self.sender.wake(context.now);
  if (self.sender.is_expired(context.now) && !retransmission_due(context, end)) return no_end;
  return end;
}

// Returns false if the end no longer exists.
bool Streams::retransmission_due(StreamContext& context, EndIndex end) {
  StreamEnd& self = ends_.at(end);
  const bool is_shaking_hands = self.state != EndState::open;
  if (self.sender.silence(context.now) >= (is_shaking_hands ? options_.connect_timeout : options_.user_timeout)) {
    const bool is_known = self.state != EndState::accepting;
    if (!is_shaking_hands) emit_reset(context, end);
    fail(end);
    return is_known;
  }
  if (is_shaking_hands) {
    const std::uint8_t answer = self.state == EndState::accepting ? segment_acknowledges : 0;
    self.sender.back_off_handshake(context.now, options_);
    emit_empty(context, end, segment_synchronises | answer);
    return true;
  }
  const std::uint64_t last = end_of_writing(end);
  switch (self.sender.expire()) {
    case Sender::Expiry::tail_loss_probe:
      emit(context, end, self.sender.probe(last, !context.hosts[self.node].slow_disk, context.now),
           segment_acknowledges);
      break;
    case Sender::Expiry::window_probe:
      emit_empty(context, end, segment_acknowledges | segment_probes);
      break;
    case Sender::Expiry::timeout:
      ++counters_.timeouts;
      break;
  }
  self.sender.restart_timer(last, context.now, options_);
  return true;
}

// ---------------------------------------------------------------------------------------------------------------------
// Sending

void Streams::settle(StreamContext& context, EndIndex end) {
  StreamEnd& self = ends_.at(end);
  switch (self.state) {
    case EndState::connecting:
      if (!self.sender.is_timed()) {
        emit_empty(context, end, segment_synchronises);
        self.sender.start_handshake_timer(context.now, options_);
      }
      break;
    case EndState::accepting:
      if (!self.sender.is_timed()) self.sender.start_handshake_timer(context.now, options_);
      break;
    case EndState::open:
      send_what_fits(context, end);
      self.receiver.announce_space(options_);
      [[fallthrough]];
    case EndState::lingering:
      if (self.receiver.owes_acknowledgement()) emit_empty(context, end, segment_acknowledges);
      break;
    default:
      break;
  }
  if (self.state != EndState::unused) arm(context, end);
}

// What the links between the two hosts take at once.
std::uint64_t Streams::path_limit(StreamContext& context, EndIndex end) const {
  const StreamEnd& self = ends_.at(end);
  const std::uint64_t limit = context.network.burst_limit(self.node);
  if (context.network.backbone().empty() && !context.network.has_managed()) return limit;
  return std::min(limit, context.network.burst_limit(self.node, self.peer_node));
}

// Content has to be read from a slow disk before it can be sent.
Sender::Limits Streams::limits_of(StreamContext& context, EndIndex end) {
  StreamEnd& self = ends_.at(end);
  Sender::Limits limits{self.written, end_of_writing(end), 0};
  if (!context.hosts[self.node].slow_disk) return limits;
  const std::uint64_t read = self.queue.read_ahead(self.sender.next(), context.disks.of(self.node), context.now);
  if (read < limits.written) limits.written = limits.last = read;
  return limits;
}

void Streams::send_what_fits(StreamContext& context, EndIndex end) {
  StreamEnd& self = ends_.at(end);
  Sender::Limits limits = limits_of(context, end);
  if (!self.sender.prepare(limits.last, context.now, options_)) return;
  if (self.sender.has_to_send(limits.last)) {
    limits.path = path_limit(context, end);
    limits.burst = self.sender.burst_size(limits.last, limits.path, options_);
    while (const auto next = self.sender.next_transmission(limits, context.now, options_)) {
      if (!next->is_again && next->range.end > limits.written) self.lingers = !self.receiver.peer_finished();
      emit(context, end, *next, segment_acknowledges);
    }
  }
  self.queue.drop_written(self.sender.next());
  if (!self.sender.is_timed()) self.sender.restart_timer(end_of_writing(end), context.now, options_);
}

// Sends this range, which may include the FIN after the last byte; an empty range is an acknowledgement or a SYN.
void Streams::emit(StreamContext& context, EndIndex end, const Sender::Transmission& what, std::uint8_t flags) {
  const std::uint32_t slot = segments_.add();
  Segment& segment = segments_[slot];
  StreamEnd& self = ends_.at(end);
  const ByteRange range = what.range;
  const std::uint64_t bytes_end = std::min(range.end, self.written);
  segment.to = self.peer;
  segment.from = {end, self.serial};
  segment.side = self.opened_here;
  segment.flags = flags | (range.end > bytes_end && range.begin < range.end ? segment_finishes : 0);
  segment.offset = range.begin;
  segment.size = range.begin < bytes_end ? static_cast<std::uint32_t>(bytes_end - range.begin) : 0;
  segment.packets = static_cast<std::uint8_t>(std::max(1U, packets_of(segment.size)));
  segment.wire_size = segment.size + segment.packets * Segment::packet_header(family_);
  segment.sent = context.now;
  if (segment.size > 0 && !what.is_again && self.sender.take_reduced()) segment.flags |= segment_reduced;
  if (range.begin < range.end) {
    ++counters_.segments;
    counters_.packets += segment.packets;
    if (what.is_again) counters_.packets_again += segment.packets;
  } else if ((flags & segment_synchronises) == 0) {
    // A receiver would have sent one for every `acknowledge_every` packets of a burst.
    segment.wire_size = self.receiver.acknowledgements_owed(options_) * Segment::packet_header(family_);
    ++counters_.acknowledgements;
  } else {
    segment.sender = self.id;
    segment.is_listened = GatewaySessions::is_listening(context, self.remote);
  }
  self.receiver.put_acknowledgement(segment, options_);
  GatewaySessions::leave(context, self, flags, counters_);
  segments_.send(context, slot, self.node, self.peer_node, self.last_arrival, counters_);
}

// Sends a segment without bytes. A SYN comes before all of them.
void Streams::emit_empty(StreamContext& context, EndIndex end, std::uint8_t flags) {
  const std::uint64_t at = (flags & segment_synchronises) != 0 ? 0 : ends_.at(end).sender.next();
  emit(context, end, {{at, at}, false}, flags);
}

// Resets the other end, if this one has heard of it.
void Streams::emit_reset(StreamContext& context, EndIndex end) {
  StreamEnd& self = ends_.at(end);
  if (!self.peer.is_known()) return;
  const std::uint32_t reset = segments_.add_reset(self.peer, ends_.ref(end), self.opened_here, family_);
  segments_.send(context, reset, self.node, self.peer_node, self.last_arrival, counters_);
}

}  // namespace peerbed::sim
