#pragma once
// The streams of all simulated hosts: what a kernel's TCP does between a node's effects and the network. Reliable and
// ordered, with congestion and flow control; docs/streams.md says what is modelled.
//
// This is the life of streams, and the order of things: opening, accepting, sending what is ready, acknowledging,
// closing and failing. What each end may send and what it has received are the parts of a StreamEnd. A host knows of
// the other end what segments tell it, and no more, so the two may be in different lanes.
//
// The world calls it for a node's effects, for arriving segments and for alarms, and asks next_event() what to tell a
// node. It never calls a node.

#include <cstdint>
#include <vector>

#include "protocols/environment/stream.h"
#include "sim/streams/end_table.h"
#include "sim/streams/segments_under_way.h"
#include "sim/streams/stream_context.h"
#include "sim/streams/stream_options.h"

namespace peerbed::sim {

class Streams {
 public:
  explicit Streams(const StreamOptions& options, AddressFamily family = AddressFamily::ipv4);

  // Effects of a node's handler. An effect on a stream that the node does not have, or no longer has, does nothing.
  void open(StreamContext& context, NodeIndex node, StreamId id, Address to);
  void write(StreamContext& context, NodeIndex node, StreamId id, Bytes bytes);
  void send_content(StreamContext& context, NodeIndex node, StreamId id, const ContentRange& range, std::uint64_t harm);
  void receive(NodeIndex node, StreamId id, const StreamRequest& request);
  void close(NodeIndex node, StreamId id);
  void reset(StreamContext& context, NodeIndex node, StreamId id);
  // Call after the effects of one handler: sends what they made ready.
  void flush(StreamContext& context);

  // Events. If a function returns an end, next_event() may now have something for it; settle() it afterwards.
  void cross_link(StreamContext& context, const Event& event) { segments_.cross_link(context, event, counters_); }
  void pass_down_link(StreamContext& context, const Event& event) {
    segments_.pass_down_link(context, event, counters_);
  }
  // At managed links: see SegmentsUnderWay.
  LinkIndex link(const Event& event) const { return segments_[event.value()].link; }
  QueuedPacket queued(const Event& event) const { return segments_.queued(event); }
  void leave_link(StreamContext& context, const QueuedPacket& packet, LinkIndex next, Time at) {
    segments_.leave_link(context, packet, next, at, counters_);
  }
  void drop_at_link(const Event& event, bool by_chance) { segments_.drop_at_link(event, by_chance, counters_); }
  EndIndex segment(StreamContext& context, const Event& event);
  EndIndex alarm(StreamContext& context, const Event& event);
  EndIndex ready(const Event& event);

  // While a node is being told this end's events, flush() need not announce more of them.
  void serve(EndIndex end) noexcept {
    served_ = end;
    if (end != no_end && ends_.at(end).is_live()) ends_.expect(end);
  }
  // Whether there is something to tell, for the first time since ready().
  bool wake(EndIndex end);
  // Yields the next thing to tell this end's node; false if there is none. Its bytes are valid until the next call.
  bool next_event(StreamContext& context, EndIndex end, StreamEvent& event);
  // Sends what has become possible, acknowledges, and sets the alarm.
  void settle(StreamContext& context, EndIndex end);
  // The other node's name for the stream, or 0 if it is not known; and the other node. Both are there still when
  // next_event() has just told the end of the stream.
  StreamId peer_id(EndIndex end) const noexcept { return ends_.at(end).peer_id; }
  NodeIndex peer(EndIndex end) const noexcept { return ends_.at(end).peer_node; }
  // Tells the end from others that have its slot before or after it.
  EndRef ref(EndIndex end) const noexcept { return ends_.ref(end); }

  // A process ended: its kernel resets its streams. A host vanished: nobody resets them.
  void exit(StreamContext& context, NodeIndex node);
  void forget(NodeIndex node) { ends_.remove_all(node); }

  // What has come from another lane.
  void take(StreamOutbox& outbox, EventQueue& queue) { outbox.empty(ends_, segments_, queue); }
  // For those who move streams from lane to lane.
  EndTable& ends() noexcept { return ends_; }
  SegmentsUnderWay& segments() noexcept { return segments_; }

  StreamCounters& counters() noexcept { return counters_; }
  const StreamCounters& counters() const noexcept { return counters_; }
  std::size_t bytes() const noexcept { return ends_.bytes() + segments_.bytes(); }  // taken by their tables
  // Hints that an event follows soon: prefetches first its segment, later the end that receives it, then what that end
  // refers to.
  void prefetch(const Event& event) const noexcept {
    if (event.kind() < EventKind::stream_alarm) segments_.prefetch(event);
  }
  void prefetch_end(const Event& event) const noexcept {
    if (const EndIndex end = end_of(event); end != no_end) ends_.prefetch(end);
  }
  void prefetch_further(const Event& event) const noexcept {
    if (const EndIndex end = end_of(event); end != no_end) ends_.prefetch_further(end);
  }
  StreamId id_of(const Event& event) const noexcept {
    const EndIndex end = end_of(event);
    return end == no_end ? StreamId{} : ends_.at(end).id;
  }
  // The state of each end, and of a segment in flight, for digests.
  void append_states(std::vector<std::vector<std::byte>>& out) const { ends_.append_states(out); }
  void append_segment_state(const Event& event, std::vector<std::byte>& out) const {
    segments_.append_state(event, out);
  }

 private:
  // The end that an event is about; no_end if it is a segment for one that its sender does not know.
  EndIndex end_of(const Event& event) const noexcept {
    if (event.kind() != EventKind::segment) return event.value();
    const EndRef to = segments_[event.value()].to;
    return to.is_known() ? to.slot : no_end;
  }
  // Whether an event of a host is about the end that has the slot now.
  bool is_meant(const StreamEnd& end, const Event& event) const noexcept {
    return end.node == event.destination && event.sequence >= end.first_sequence;
  }
  // The end that a node calls by this name, if its stream goes on; else no_end.
  EndIndex find_live(NodeIndex node, StreamId id) noexcept {
    const EndIndex end = ends_.find(node, id);
    return end != no_end && ends_.at(end).is_live() ? end : no_end;
  }
  // The end of what the node wrote, with the FIN if it has closed.
  std::uint64_t end_of_writing(EndIndex end) const noexcept {
    return ends_.at(end).written + (ends_.at(end).closing ? 1 : 0);
  }

  void touch(EndIndex end);
  void fail(EndIndex end);
  void break_off(StreamContext& context, EndIndex end);
  void finish(StreamContext& context, EndIndex end);
  bool has_news(EndIndex end) const;
  bool next_received(StreamContext& context, EndIndex end, StreamEvent& event);

  EndIndex synchronise(StreamContext& context, const Event& event, const Segment& segment);
  EndIndex refuse(StreamContext& context, const Event& event, const Segment& segment);
  void take_payload(StreamContext& context, EndIndex end, const Segment& segment);
  bool retransmission_due(StreamContext& context, EndIndex end);
  void arm(StreamContext& context, EndIndex end);

  void send_what_fits(StreamContext& context, EndIndex end);
  Sender::Limits limits_of(StreamContext& context, EndIndex end);
  std::uint64_t path_limit(StreamContext& context, EndIndex end) const;
  void emit(StreamContext& context, EndIndex end, const Sender::Transmission& what, std::uint8_t flags);
  void emit_empty(StreamContext& context, EndIndex end, std::uint8_t flags);
  void emit_reset(StreamContext& context, EndIndex end);
  // Where that goes which an end writes; null if it is read here.
  static StreamOutbox* outbox_of(const StreamContext& context, const StreamEnd& end) noexcept {
    return end.peer.is_known() ? context.outbox_to(end.peer_node) : nullptr;
  }

  StreamOptions options_;
  AddressFamily family_;
  EndTable ends_;
  SegmentsUnderWay segments_;
  std::vector<EndRef> touched_;
  EndIndex served_ = no_end;
  std::vector<std::byte> delivered_;  // the bytes of the event told last
  std::vector<Extent> extents_;       // scratch space
  StreamCounters counters_;
};

}  // namespace peerbed::sim
