#pragma once
// The ends of streams of some hosts, and where to find them: by slot, by the name that a node knows its end by, and
// host by host. What an end's node writes is in the pipe of the end that reads it.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "sim/core/event.h"
#include "sim/core/pool.h"
#include "sim/streams/stream_end.h"
#include "sim/streams/stream_names.h"
#include "sim/streams/stream_outbox.h"

namespace peerbed::sim {

class EndTable {
 public:
  // A new end of a node's, which has no other of that name.
  EndIndex begin(NodeIndex node, StreamId id, const StreamOptions& options, Time now);
  // The same for the end that accepts what this end of `opener` has opened.
  EndIndex begin_accepted(NodeIndex node, NodeIndex opener, EndRef opener_end, const StreamOptions& options, Time now);
  // The end that the node knows by this name; no_end if there is none.
  EndIndex find(NodeIndex node, StreamId id) noexcept {
    // A handler's effects mostly concern one stream.
    if (last_found_ != no_end && at(last_found_).node == node && at(last_found_).id == id) return last_found_;
    return last_found_ = names_.find(name_of(node, id.value));
  }
  // Hints that this end is looked for next. It has a name.
  void expect(EndIndex end) noexcept { last_found_ = end; }
  // The end of a host that is meant, if it is still there; else no_end.
  EndIndex find(NodeIndex node, EndRef ref) const noexcept {
    return at(ref.slot).node == node && at(ref.slot).serial == ref.serial ? ref.slot : no_end;
  }
  // The end that accepted what this end of `opener` has opened, if it is still there.
  EndIndex find_accepted(NodeIndex opener, EndRef opener_end) const noexcept {
    return accepted_.find(name_of(opener, opener_end.serial));
  }
  EndRef ref(EndIndex end) const noexcept { return {end, at(end).serial}; }

  // The node has written this, bytes or an extent. `away` takes what is read in another lane; else it is null.
  template <class What>
  void write(EndIndex end, const What& what, std::uint64_t size, StreamOutbox* away) {
    StreamEnd& self = at(end);
    self.written += size;
    if (!self.peer.is_known()) return self.pipe.write(what);
    if (away != nullptr) return away->add(self.peer_node, self.peer, what);
    write_here(self.peer_node, self.peer, what);
  }
  // This arrives for an end of this table, unless it is gone.
  template <class What>
  void write_here(NodeIndex reader, EndRef reading_end, const What& what) {
    if (const EndIndex end = find(reader, reading_end); end != no_end) at(end).pipe.write(what);
  }
  // The end has heard of the one at the other side: it reads what was written so far.
  void meet(EndIndex end, NodeIndex host, EndRef peer, StreamId id, StreamOutbox* away);
  // All that was written for an end of this table before it was known, unless it is gone.
  void take_pipe(NodeIndex reader, EndRef reading_end, Pipe&& pipe);

  // The node has forgotten the stream: its end has no name any more, and is not among those of its host.
  void part_from_node(EndIndex end);
  // The end is gone, and its slot free.
  void remove(EndIndex end);
  // Removes all ends of a host that its node knows.
  void remove_all(NodeIndex node);
  // Visits the ends that a host's node knows. `visit` does not change which these are.
  template <class Visit>
  void for_each_of(NodeIndex node, Visit&& visit) {
    if (node >= hosts_.size()) return;
    for (EndIndex end = hosts_[node].first; end != no_end; end = at(end).next_of_host) visit(end);
  }

  StreamEnd& at(EndIndex end) noexcept { return ends_[end]; }
  const StreamEnd& at(EndIndex end) const noexcept { return ends_[end]; }

  // Moves all ends to the tables of their hosts. Returns their slots there, by their slots here, or no_end.
  std::vector<EndIndex> move_all(const std::function<EndTable&(NodeIndex)>& table_of);
  // A slot that no end ever has.
  EndIndex grave();
  template <class Visit>
  void for_each(Visit&& visit) {
    for (EndIndex end = 0; end < ends_.size(); ++end)
      if (at(end).serial != 0) visit(end);
  }

  // Hints that a segment follows for this end: prefetches first the end, later what it refers to.
  void prefetch(EndIndex end) const noexcept;
  void prefetch_further(EndIndex end) const noexcept;
  std::size_t bytes() const noexcept { return ends_.bytes(); }  // memory taken by the table
  // The state of each end.
  void append_states(std::vector<std::vector<std::byte>>& out) const;

 private:
  struct HostStreams {
    EndIndex first = no_end;
    std::uint32_t next_accepted = 2;  // name, since it last had to forget
    std::uint32_t ends = 0;           // that it has ever had
  };
  static_assert(Pool<StreamEnd>::maximum_slots <= 1U << Event::value_bits);

  static std::uint64_t name_of(NodeIndex node, std::uint32_t number) noexcept {
    return (static_cast<std::uint64_t>(node) << 32) | number;
  }
  HostStreams& streams_of(NodeIndex node);
  void add_to_host(EndIndex end);
  EndIndex adopt(StreamEnd&& end);

  Pool<StreamEnd> ends_;
  StreamNames names_;               // ends by node and id
  StreamNames accepted_;            // those that were accepted, by the opener and the serial of its end
  std::vector<HostStreams> hosts_;  // empty until a stream is opened
  EndIndex last_found_ = no_end;    // an end that has a name
  EndIndex grave_ = no_end;
};

}  // namespace peerbed::sim
