#pragma once
// The streams of all simulated hosts: what a kernel's TCP does between a node's effects and the network. Reliable and
// ordered, with congestion and flow control; docs/streams.md says what is modelled.
//
// The world calls it for a node's effects, for arriving segments and for alarms, and asks next_event() what to tell a
// node. It never calls a node.

#include <cstdint>
#include <vector>

#include "protocols/environment/random.h"
#include "protocols/environment/stream.h"
#include "sim/core/event_queue.h"
#include "sim/core/host.h"
#include "sim/core/pool.h"
#include "sim/network/network.h"
#include "sim/storage/disks.h"
#include "sim/streams/segment.h"
#include "sim/streams/stream_end.h"
#include "sim/streams/stream_names.h"
#include "sim/streams/stream_options.h"

namespace peerbed::sim {

// What the world lends while it handles an event.
struct StreamContext {
  Time now;
  EventQueue& queue;
  Network& network;
  std::vector<Host>& hosts;
  Disks& disks;
};

class Streams {
 public:
  static constexpr std::uint64_t disk_chunk = 262'144;  // bytes that a slow disk reads or writes at once

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
  void cross_link(StreamContext& context, const Event& event);
  void pass_down_link(StreamContext& context, const Event& event);
  EndIndex segment(StreamContext& context, const Event& event);
  EndIndex alarm(StreamContext& context, const Event& event);
  EndIndex ready(const Event& event);

  // While a node is being told this end's events, flush() need not announce more of them.
  void serve(EndIndex end) noexcept {
    served_ = end;
    if (end != no_end && end_at(end).is_live()) last_found_ = end;
  }
  // Whether there is something to tell, for the first time since ready().
  bool wake(EndIndex end);
  // Yields the next thing to tell this end's node; false if there is none. Its bytes are valid until the next call.
  bool next_event(StreamContext& context, EndIndex end, StreamEvent& event);
  // Sends what has become possible, acknowledges, and sets the alarm.
  void settle(StreamContext& context, EndIndex end);
  NodeIndex node_of(EndIndex end) const noexcept { return end_at(end).node; }
  // The other node's name for the stream.
  StreamId peer_id(EndIndex end) const noexcept { return end_at(end ^ 1).id; }
  // Changes when the end's slot is given to another connection.
  std::uint32_t generation(EndIndex end) const noexcept { return connections_[end >> 1].generation; }

  // A process ended: its kernel resets its streams. A host vanished: nobody resets them.
  void exit(StreamContext& context, NodeIndex node);
  void forget(NodeIndex node);

  const StreamCounters& counters() const noexcept { return counters_; }
  std::size_t bytes() const noexcept { return connections_.bytes() + segments_.bytes(); }  // taken by their tables
  // Hints that an event follows soon: prefetches first its segment, later the end that receives it, then what that end
  // refers to.
  void prefetch(const Event& event) const noexcept;
  void prefetch_end(const Event& event) const noexcept;
  void prefetch_further(const Event& event) const noexcept;
  StreamId id_of(const Event& event) const noexcept { return end_at(end_of(event)).id; }
  void release_segment(const Event& event) { segments_.release(event.value()); }
  // The state of all streams and segments in flight, for digests.
  void append_state(std::vector<std::byte>& out) const;
  void append_segment_state(const Event& event, std::vector<std::byte>& out) const;

 private:
  struct HostStreams {
    EndIndex first = no_end;
    std::uint32_t next_accepted = 2;
  };

  static std::uint64_t name_of(NodeIndex node, StreamId id) noexcept {
    return (static_cast<std::uint64_t>(node) << 32) | id.value;
  }
  Connection& connection_at(EndIndex end) noexcept { return connections_[end >> 1]; }
  StreamEnd& end_at(EndIndex end) noexcept { return connections_[end >> 1].ends[end & 1]; }
  const StreamEnd& end_at(EndIndex end) const noexcept { return connections_[end >> 1].ends[end & 1]; }
  NodeIndex peer_of(EndIndex end) const noexcept {
    const Connection& connection = connections_[end >> 1];
    return (end & 1) == 0 ? connection.to : connection.ends[0].node;
  }
  Pipe& outgoing(EndIndex end) noexcept { return connections_[end >> 1].pipes[end & 1]; }
  Pipe& incoming(EndIndex end) noexcept { return connections_[end >> 1].pipes[1 - (end & 1)]; }

  EndIndex end_of(const Event& event) const noexcept {
    if (event.kind() != EventKind::segment) return event.value();
    return 2 * segments_[event.value()].connection + segments_[event.value()].side;
  }

  // Lifecycle: streams.cpp.
  EndIndex find(NodeIndex node, StreamId id) noexcept;
  void begin(EndIndex end, NodeIndex node, StreamId id);
  void part_from_node(EndIndex end);
  void leave(EndIndex end);
  void fail(EndIndex end);
  void touch(EndIndex end);
  void accept(StreamContext& context, EndIndex end);
  bool has_news(EndIndex end) const;
  bool next_received(StreamContext& context, EndIndex end, StreamEvent& event);
  bool is_on_disk(StreamContext& context, EndIndex end, const StreamRequest& request);
  bool is_closed(EndIndex end) const;
  void finish(StreamContext& context, EndIndex end);
  HostStreams& streams_of(NodeIndex node);

  // stream_receive.cpp.
  EndIndex refuse(StreamContext& context, const Segment& segment);
  void take_acknowledgement(StreamContext& context, EndIndex end, const Segment& segment);
  void take_selective(StreamEnd& self, const Segment& segment, std::uint64_t& news, std::uint64_t& highest);
  void recover(StreamEnd& self, Time now);
  void recover_by_duplicates(StreamEnd& self, std::uint64_t in_order);
  void take_payload(StreamContext& context, EndIndex end, const Segment& segment);
  std::uint64_t take_range(StreamEnd& self, ByteRange range);

  // stream_send.cpp.
  void send_what_fits(StreamContext& context, EndIndex end);
  void send_within_windows(StreamContext& context, EndIndex end, std::uint64_t written, std::uint64_t last);
  std::uint64_t read_ahead(StreamContext& context, EndIndex end);
  std::uint64_t burst_size(StreamContext& context, EndIndex end, std::uint64_t written) const;
  void emit(StreamContext& context, EndIndex end, ByteRange range, std::uint8_t flags);
  void emit_reset(StreamContext& context, EndIndex to);
  void put_acknowledgement(StreamEnd& self, Segment& segment);
  void put_on_the_wire(StreamContext& context, NodeIndex source, NodeIndex destination, std::uint32_t slot);
  void arm(StreamContext& context, EndIndex end);
  bool retransmission_due(StreamContext& context, EndIndex end);
  void restart_timer(StreamContext& context, EndIndex end);
  void probe(StreamContext& context, EndIndex end);
  // Bytes that were asked for and have arrived make room for more.
  std::uint64_t window_end(const StreamEnd& self) const noexcept {
    return std::min(self.readable_end(), self.asked) + options_.receive_buffer;
  }
  void post(StreamContext& context, Time at, NodeIndex destination, NodeIndex source, EventKind kind,
            std::uint32_t value);

  StreamOptions options_;
  AddressFamily family_;
  Pool<Connection> connections_;
  Pool<Segment> segments_;
  StreamNames names_;               // ends by node and id
  std::vector<HostStreams> hosts_;  // empty until a stream is opened
  std::vector<EndIndex> touched_;
  EndIndex served_ = no_end;
  EndIndex last_found_ = no_end;      // ends that have a name
  std::vector<std::byte> delivered_;  // the bytes of the event told last
  std::vector<Extent> extents_;       // scratch space
  StreamCounters counters_;
};

}  // namespace peerbed::sim
