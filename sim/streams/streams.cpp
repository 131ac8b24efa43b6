// The life cycle of streams: opening, accepting, closing; what nodes request and what they are told.

#include "sim/streams/streams.h"

#include <algorithm>

#include "protocols/environment/contract.h"
#include "protocols/environment/state.h"

namespace peerbed::sim {

Streams::Streams(const StreamOptions& options, AddressFamily family) : options_(options), family_(family) {
  PEERBED_CONTRACT(options.segment_size >= Segment::packet_payload && options.segment_size <= 65'536,
                   "a segment stands for 1460 to 65,536 bytes");
}

// ---------------------------------------------------------------------------------------------------------------------
// Effects

void Streams::open(StreamContext& context, NodeIndex node, StreamId id, Address to) {
  PEERBED_CONTRACT(id.value % 2 == 1 && find(node, id) == no_end, "a node opens streams with odd ids of their own");
  const std::uint32_t slot = connections_.take();
  static_assert(Pool<Connection>::maximum_slots <= 1U << (Event::value_bits - 1));
  Connection& connection = connections_[slot];
  connection.to = to == address_of(node_at(to), family_).with_port(to.port()) ? node_at(to) : no_node;
  connection.address = to;
  connection.opened_at = context.now;
  begin(2 * slot, node, id);
  connection.ends[0].state = EndState::connecting;
  ++counters_.opened;
  touch(2 * slot);
}

// Resets the slot for a new end but reuses its allocated memory.
void Streams::begin(EndIndex end, NodeIndex node, StreamId id) {
  StreamEnd& self = end_at(end);
  StreamEnd fresh;
  fresh.marks = std::move(self.marks);
  fresh.requests = std::move(self.requests);
  fresh.board = std::move(self.board);
  fresh.early = std::move(self.early);
  fresh.marks.clear();
  fresh.requests.clear();
  fresh.board.clear();
  fresh.early.clear();
  self = std::move(fresh);
  self.node = node;
  self.id = id;
  self.congestion = Congestion(options_.congestion, std::uint64_t{options_.initial_window} * Congestion::packet);
  self.peer_window_end = self.advertised_end = options_.receive_buffer;
  HostStreams& host = streams_of(node);
  self.next_of_host = host.first;
  if (host.first != no_end) end_at(host.first).previous_of_host = end;
  host.first = end;
  names_.add(name_of(node, id), end);
}

Streams::HostStreams& Streams::streams_of(NodeIndex node) {
  if (node >= hosts_.size()) hosts_.resize(node + std::size_t{1});
  return hosts_[node];
}

EndIndex Streams::find(NodeIndex node, StreamId id) noexcept {
  // A handler's effects mostly concern one stream.
  if (last_found_ != no_end && end_at(last_found_).node == node && end_at(last_found_).id == id) return last_found_;
  return last_found_ = names_.find(name_of(node, id));
}

void Streams::touch(EndIndex end) {
  if (end_at(end).touched) return;
  end_at(end).touched = true;
  touched_.push_back(end);
}

void Streams::write(StreamContext& context, NodeIndex node, StreamId id, Bytes bytes) {
  PEERBED_CONTRACT(bytes.size() <= maximum_stream_request, "a write to a stream is bounded");
  const EndIndex end = find(node, id);
  if (end == no_end || !end_at(end).is_live() || bytes.empty()) return;
  StreamEnd& self = end_at(end);
  PEERBED_CONTRACT(!self.closing, "a node writes nothing behind its close_stream");
  touch(end);
  if (self.literal_waiting + bytes.size() > maximum_stream_backlog) {
    emit_reset(context, end ^ 1U);
    return fail(end);
  }
  ++counters_.messages;
  outgoing(end).write(bytes);
  self.literal_waiting += bytes.size();
  self.marks.push_back({outgoing(end).written(), bytes.size(), {}, false});
}

void Streams::send_content(StreamContext& context, NodeIndex node, StreamId id, const ContentRange& range,
                           std::uint64_t harm_mark) {
  const EndIndex end = find(node, id);
  if (end == no_end || !end_at(end).is_live() || range.size == 0) return;
  StreamEnd& self = end_at(end);
  PEERBED_CONTRACT(!self.closing, "a node sends nothing behind its close_stream");
  touch(end);
  const ContentStore& store = context.disks.of(node).store;
  const auto content = store.contents.find(range.content);
  const bool there = content != store.contents.end() && range.offset <= content->second.content.size() &&
                     range.size <= content->second.content.size() - range.offset;
  if (!there || context.disks.fails(node)) {
    emit_reset(context, end ^ 1U);
    return fail(end);
  }
  extents_.clear();
  content->second.content.read(range.offset, range.size, extents_);
  for (Extent& extent : extents_) {
    if (harm_mark != 0) harm(extent, harm_mark);
    outgoing(end).write(extent);
  }
  self.marks.push_back({outgoing(end).written(), 0, range, true});
}

void Streams::receive(NodeIndex node, StreamId id, const StreamRequest& request) {
  const EndIndex end = find(node, id);
  if (end == no_end || !end_at(end).is_live() || end_at(end).told_half_closed) return;
  StreamEnd& self = end_at(end);
  self.requests.push_back(request);
  self.asked += request.size;
  touch(end);
}

void Streams::close(NodeIndex node, StreamId id) {
  const EndIndex end = find(node, id);
  if (end == no_end || !end_at(end).is_live()) return;
  end_at(end).closing = true;
  touch(end);
}

void Streams::reset(StreamContext& context, NodeIndex node, StreamId id) {
  const EndIndex end = find(node, id);
  if (end == no_end) return;
  if (end_at(end).is_live()) emit_reset(context, end ^ 1U);
  leave(end);
}

void Streams::flush(StreamContext& context) {
  // What a handler touched stays in touched_ only while its host's effects are applied, and settling adds nothing.
  for (const EndIndex end : touched_) {
    StreamEnd& self = end_at(end);
    if (!self.touched) continue;
    self.touched = false;
    if (self.state == EndState::gone || self.state == EndState::unused) continue;
    settle(context, end);
    if (end == served_ || self.ready_queued || !has_news(end)) continue;
    self.ready_queued = true;
    post(context, context.now, self.node, self.node, EventKind::stream_ready, end);
  }
  touched_.clear();
}

// ---------------------------------------------------------------------------------------------------------------------
// What nodes are told

EndIndex Streams::ready(const Event& event) {
  const EndIndex end = event.value();
  StreamEnd& self = end_at(end);
  if (self.node != event.destination || self.state == EndState::gone) return no_end;
  self.ready_queued = false;
  return end;
}

bool Streams::is_closed(EndIndex end) const {
  const StreamEnd& self = end_at(end);
  const Connection& connection = connections_[end >> 1];
  const Pipe& out = connection.pipes[end & 1];
  const Pipe& in = connection.pipes[1 - (end & 1)];
  return self.state == EndState::open && self.closing && self.board.first_unacknowledged() > out.written() &&
         self.peer_finished() && in.taken() == self.peer_end;
}

bool Streams::has_news(EndIndex end) const {
  const StreamEnd& self = end_at(end);
  if (self.announces || self.state == EndState::broken) return true;
  if (self.state != EndState::open) return false;
  if (!self.marks.empty() && self.marks.front().content && self.marks.front().end <= self.board.next()) return true;
  if (!self.requests.empty()) {
    const Pipe& in = connections_[end >> 1].pipes[1 - (end & 1)];
    if (self.peer_finished() || self.readable_end() - in.taken() >= self.requests.front().size) return true;
  }
  return is_closed(end);
}

bool Streams::wake(EndIndex end) {
  StreamEnd& self = end_at(end);
  if (self.ready_queued || !has_news(end)) return false;
  return self.ready_queued = true;
}

bool Streams::next_event(StreamContext& context, EndIndex end, StreamEvent& event) {
  StreamEnd& self = end_at(end);
  event = {.stream = self.id, .kind = {}, .peer = {}, .bytes = {}, .range = {}};
  if (!self.is_live() && self.state != EndState::broken) return false;
  const Connection& connection = connection_at(end);
  event.peer = (end & 1) == 0 ? connection.address : address_of(connection.ends[0].node, family_);
  if (self.state == EndState::broken) {
    event.kind = StreamEventKind::reset;
    ++counters_.reset;
    leave(end);
    return true;
  }
  if (self.announces) {
    self.announces = false;
    event.kind = (end & 1) == 0 ? StreamEventKind::opened : StreamEventKind::accepted;
    counters_.accepted += end & 1;
    return true;
  }
  if (self.state != EndState::open) return false;
  if (!self.marks.empty() && self.marks.front().content && self.marks.front().end <= self.board.next()) {
    event.kind = StreamEventKind::content_sent;
    event.range = self.marks.front().range;
    self.marks.pop_front();
    return true;
  }
  if (!self.requests.empty() && next_received(context, end, event)) return true;
  if (!is_closed(end)) return false;
  event.kind = StreamEventKind::closed;
  ++counters_.closed;
  finish(context, end);
  return true;
}

// Hands what has arrived of a request to the disk. Returns whether the disk has written all of it.
bool Streams::is_on_disk(StreamContext& context, EndIndex end, const StreamRequest& request) {
  StreamEnd& self = end_at(end);
  const std::uint64_t begin = incoming(end).taken();
  const std::uint64_t arrived = std::min(self.readable_end(), begin + request.size);
  self.writing_end = std::max(self.writing_end, begin);
  const bool complete = arrived == begin + request.size;
  if (arrived - self.writing_end >= (complete ? 1 : disk_chunk)) {
    self.written_at = context.disks.of(self.node).pass(arrived - self.writing_end, context.now);
    self.writing_end = arrived;
  }
  if (!complete || self.written_at > context.now) return false;
  self.written_at = never;
  return true;
}

// Answers the first request if what it asks for has arrived or never will.
bool Streams::next_received(StreamContext& context, EndIndex end, StreamEvent& event) {
  StreamEnd& self = end_at(end);
  Pipe& in = incoming(end);
  const StreamRequest request = self.requests.front();
  const bool waits_for_disk =
      request.to_content && context.hosts[self.node].slow_disk && !is_on_disk(context, end, request);
  if (self.readable_end() - in.taken() < request.size) {
    if (!self.peer_finished()) return false;
    self.told_half_closed = true;
    self.requests.clear();
    in.skip(self.peer_end - in.taken());
    event.kind = StreamEventKind::half_closed;
    return true;
  }
  if (waits_for_disk) return false;
  self.requests.pop_front();
  if (!request.to_content) {
    delivered_.resize(request.size);
    in.take(delivered_);
    event.kind = StreamEventKind::bytes_received;
    event.bytes = delivered_;
    return true;
  }
  extents_.clear();
  in.take(request.size, extents_);
  const bool taken = context.disks.write(self.node, request.range.content, request.range.offset, extents_);
  event.kind = taken ? StreamEventKind::content_received : StreamEventKind::content_lost;
  event.range = request.range;
  return true;
}

// ---------------------------------------------------------------------------------------------------------------------
// Ends

// Both sides are done. If this end's FIN did not answer the peer's, the end lingers: the peer may not know yet that its
// own FIN arrived.
void Streams::finish(StreamContext& context, EndIndex end) {
  StreamEnd& self = end_at(end);
  part_from_node(end);
  if (!self.lingers) return leave(end);
  self.state = EndState::lingering;
  self.linger_until = context.now + options_.linger;
  self.retransmit_at = self.lost_at = never;
}

// The node has forgotten the stream.
void Streams::part_from_node(EndIndex end) {
  StreamEnd& self = end_at(end);
  last_found_ = no_end;
  if (names_.find(name_of(self.node, self.id)) != end) return;
  names_.remove(name_of(self.node, self.id));
  if (self.next_of_host != no_end) end_at(self.next_of_host).previous_of_host = self.previous_of_host;
  if (self.previous_of_host != no_end)
    end_at(self.previous_of_host).next_of_host = self.next_of_host;
  else
    streams_of(self.node).first = self.next_of_host;
}

// Removes the end from its host. When both ends are gone, so is the connection.
void Streams::leave(EndIndex end) {
  part_from_node(end);
  end_at(end).state = EndState::gone;
  Connection& connection = connection_at(end);
  const auto over = [](const StreamEnd& one) { return one.state == EndState::gone || one.state == EndState::unused; };
  if (!over(connection.ends[0]) || !over(connection.ends[1])) return;
  ++connection.generation;
  for (StreamEnd& one : connection.ends) {
    one.state = EndState::unused;
    one.node = no_node;
  }
  for (Pipe& pipe : connection.pipes) pipe.clear();
  connections_.release(end >> 1);
}

// The stream failed for this end; its node will be told.
void Streams::fail(EndIndex end) {
  StreamEnd& self = end_at(end);
  if (self.state == EndState::accepting) return leave(end);  // its node never knew of the stream
  self.state = EndState::broken;
  self.retransmit_at = self.acknowledge_at = self.lost_at = never;
}

void Streams::exit(StreamContext& context, NodeIndex node) {
  if (node >= hosts_.size()) return;
  for (EndIndex end = hosts_[node].first; end != no_end; end = end_at(end).next_of_host)
    if (end_at(end).is_live()) emit_reset(context, end ^ 1U);
  forget(node);
}

void Streams::forget(NodeIndex node) {
  if (node >= hosts_.size()) return;
  while (hosts_[node].first != no_end) leave(hosts_[node].first);
  hosts_[node].next_accepted = 2;
}

void Streams::prefetch(const Event& event) const noexcept {
  if (event.kind() >= EventKind::stream_alarm) return;
  const auto* begin = reinterpret_cast<const std::byte*>(&segments_[event.value()]);
  for (std::size_t line = 0; line < sizeof(Segment); line += 64) __builtin_prefetch(begin + line);
}

void Streams::prefetch_end(const Event& event) const noexcept {
  const EndIndex end = end_of(event);
  const auto* begin = reinterpret_cast<const std::byte*>(&end_at(end));
  for (std::size_t line = 0; line < sizeof(StreamEnd); line += 64) __builtin_prefetch(begin + line);
  __builtin_prefetch(&connections_[end >> 1].pipes[1 - (end & 1)]);
}

void Streams::prefetch_further(const Event& event) const noexcept {
  const EndIndex end = end_of(event);
  const StreamEnd& self = end_at(end);
  self.requests.prefetch();
  self.marks.prefetch();
  self.board.prefetch();
  connections_[end >> 1].pipes[1 - (end & 1)].prefetch();
}

namespace {

void append_range(std::vector<std::byte>& out, const ContentRange& range, std::uint64_t size) {
  peerbed::append_state(out, std::tie(range.content, range.offset, range.size, size));
}

}  // namespace

void Streams::append_state(std::vector<std::byte>& out) const {
  for (std::uint32_t slot = 0; slot < connections_.size(); ++slot) {
    const Connection& connection = connections_[slot];
    if (connection.ends[0].state == EndState::unused) continue;  // free slot
    peerbed::append_state(out, std::tie(connection.to, connection.address, connection.opened_at));
    for (const StreamEnd& end : connection.ends) {
      for (std::size_t i = 0; i < end.requests.size(); ++i)
        append_range(out, end.requests[i].range, end.requests[i].size);
      for (std::size_t i = 0; i < end.marks.size(); ++i) append_range(out, end.marks[i].range, end.marks[i].end);
      const std::uint64_t window = end.congestion.window();
      const std::uint64_t unacknowledged = end.board.first_unacknowledged();
      const std::uint64_t next = end.board.next();
      peerbed::append_state(out, std::tie(end.state, end.node, end.id, window, unacknowledged, next, end.received,
                                          end.asked, end.advertised_end, end.peer_window_end, end.backoff,
                                          end.retransmit_at, end.acknowledge_at, end.linger_until));
    }
    for (const Pipe& pipe : connection.pipes) pipe.append_state(out);
  }
}

void Streams::append_segment_state(const Event& event, std::vector<std::byte>& out) const {
  const Segment& segment = segments_[event.value()];
  peerbed::append_state(out, std::tie(segment.side, segment.flags, segment.size, segment.offset, segment.acknowledged,
                                      segment.window_end, segment.passage.lost, segment.passage.damaged));
}

}  // namespace peerbed::sim
