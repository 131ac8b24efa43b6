#pragma once
// All connections, and where to find their ends: by number, by the name that a node knows its end by, and host by host.
// A connection's slot is reused when both of its ends are gone; its generation tells it from the next one.

#include <cstddef>
#include <cstdint>
#include <vector>

#include "sim/core/event.h"
#include "sim/core/pool.h"
#include "sim/streams/stream_end.h"
#include "sim/streams/stream_names.h"

namespace peerbed::sim {

class ConnectionTable {
 public:
  // A new connection to `to`, which is no_node if nobody has this address. Returns its opening end, which is to
  // begin().
  EndIndex open(NodeIndex to, Address address, Address opener, Time now);
  // The end belongs to a node from now on, which knows it by this name. The node has no other of that name.
  void begin(EndIndex end, NodeIndex node, StreamId id, const StreamOptions& options, Time now);
  // The name of the next stream that a host accepts: 2, 4, ... since it last had to forget.
  StreamId take_accepted_id(NodeIndex node);
  // The end that the node knows by this name; no_end if there is none.
  EndIndex find(NodeIndex node, StreamId id) noexcept {
    // A handler's effects mostly concern one stream.
    if (last_found_ != no_end && at(last_found_).node == node && at(last_found_).id == id) return last_found_;
    return last_found_ = names_.find(name_of(node, id));
  }
  // Hints that this end is looked for next. It has a name.
  void expect(EndIndex end) noexcept { last_found_ = end; }

  // The node has forgotten the stream: its end has no name any more, and is not among those of its host.
  void part_from_node(EndIndex end);
  // The end is gone. When both are, so is the connection.
  void remove(EndIndex end);
  // Removes all ends of a host.
  void remove_all(NodeIndex node);
  // Visits the ends that a host's node knows. `visit` does not change which these are.
  template <class Visit>
  void for_each_of(NodeIndex node, Visit&& visit) {
    if (node >= hosts_.size()) return;
    for (EndIndex end = hosts_[node].first; end != no_end; end = at(end).next_of_host) visit(end);
  }

  StreamEnd& at(EndIndex end) noexcept { return connections_[end >> 1].ends[end & 1]; }
  const StreamEnd& at(EndIndex end) const noexcept { return connections_[end >> 1].ends[end & 1]; }
  Connection& connection(EndIndex end) noexcept { return connections_[end >> 1]; }
  const Connection& connection(EndIndex end) const noexcept { return connections_[end >> 1]; }
  Pipe& outgoing(EndIndex end) noexcept { return connections_[end >> 1].pipes[end & 1]; }
  const Pipe& outgoing(EndIndex end) const noexcept { return connections_[end >> 1].pipes[end & 1]; }
  Pipe& incoming(EndIndex end) noexcept { return connections_[end >> 1].pipes[1 - (end & 1)]; }
  const Pipe& incoming(EndIndex end) const noexcept { return connections_[end >> 1].pipes[1 - (end & 1)]; }
  // The node at the other end, or the one that it was opened to.
  NodeIndex peer_of(EndIndex end) const noexcept {
    const Connection& connection = connections_[end >> 1];
    return (end & 1) == 0 ? connection.to : connection.ends[0].node;
  }

  // Hints that a segment follows for this end: prefetches first the end, later what it refers to.
  void prefetch(EndIndex end) const noexcept;
  void prefetch_further(EndIndex end) const noexcept;
  std::size_t bytes() const noexcept { return connections_.bytes(); }  // memory taken by the table
  void append_state(std::vector<std::byte>& out) const;

 private:
  struct HostStreams {
    EndIndex first = no_end;
    std::uint32_t next_accepted = 2;
  };
  static_assert(Pool<Connection>::maximum_slots <= 1U << (Event::value_bits - 1));

  static std::uint64_t name_of(NodeIndex node, StreamId id) noexcept {
    return (static_cast<std::uint64_t>(node) << 32) | id.value;
  }
  HostStreams& streams_of(NodeIndex node);

  Pool<Connection> connections_;
  StreamNames names_;               // ends by node and id
  std::vector<HostStreams> hosts_;  // empty until a stream is opened
  EndIndex last_found_ = no_end;    // an end that has a name
};

}  // namespace peerbed::sim
