#include "sim/streams/end_table.h"

#include <utility>

#include "protocols/environment/contract.h"

namespace peerbed::sim {

EndIndex EndTable::begin(NodeIndex node, StreamId id, const StreamOptions& options, Time now) {
  PEERBED_CONTRACT(names_.find(name_of(node, id.value)) == StreamNames::none, "a node's streams have different names");
  const EndIndex end = ends_.take();
  StreamEnd& self = at(end);
  self.begin(options, now);
  self.node = node;
  self.serial = ++streams_of(node).ends;
  self.id = id;
  add_to_host(end);
  return end;
}

EndIndex EndTable::begin_accepted(NodeIndex node, NodeIndex opener, EndRef opener_end, const StreamOptions& options,
                                  Time now) {
  HostStreams& host = streams_of(node);
  const StreamId id{std::exchange(host.next_accepted, host.next_accepted + 2)};
  const EndIndex end = begin(node, id, options, now);
  at(end).peer_node = opener;
  at(end).peer = opener_end;
  accepted_.add(name_of(opener, opener_end.serial), end);
  return end;
}

// It is the first of its host's, and has a name.
void EndTable::add_to_host(EndIndex end) {
  StreamEnd& self = at(end);
  HostStreams& host = streams_of(self.node);
  self.previous_of_host = no_end;
  self.next_of_host = host.first;
  if (host.first != no_end) at(host.first).previous_of_host = end;
  host.first = end;
  names_.add(name_of(self.node, self.id.value), end);
}

EndTable::HostStreams& EndTable::streams_of(NodeIndex node) {
  if (node >= hosts_.size()) hosts_.resize(node + std::size_t{1});
  return hosts_[node];
}

void EndTable::meet(EndIndex end, NodeIndex host, EndRef peer, StreamId id, StreamOutbox* away) {
  StreamEnd& self = at(end);
  self.peer_node = host;
  self.peer = peer;
  self.peer_id = id;
  if (away != nullptr)
    away->add(host, peer, std::exchange(self.pipe, Pipe()));
  else if (const EndIndex reader = find(host, peer); reader != no_end)
    std::swap(self.pipe, at(reader).pipe);
  else
    self.pipe.clear();
}

void EndTable::take_pipe(NodeIndex reader, EndRef reading_end, Pipe&& pipe) {
  if (const EndIndex end = find(reader, reading_end); end != no_end) at(end).pipe = std::move(pipe);
}

void EndTable::part_from_node(EndIndex end) {
  StreamEnd& self = at(end);
  last_found_ = no_end;
  if (names_.find(name_of(self.node, self.id.value)) != end) return;
  names_.remove(name_of(self.node, self.id.value));
  if (self.next_of_host != no_end) at(self.next_of_host).previous_of_host = self.previous_of_host;
  if (self.previous_of_host != no_end)
    at(self.previous_of_host).next_of_host = self.next_of_host;
  else
    streams_of(self.node).first = self.next_of_host;
}

void EndTable::remove(EndIndex end) {
  part_from_node(end);
  StreamEnd& self = at(end);
  if (!self.opened_here) accepted_.remove(name_of(self.peer_node, self.peer.serial));
  self.state = EndState::unused;
  self.node = no_node;
  self.serial = 0;
  self.pipe.clear();
  ends_.release(end);
}

void EndTable::remove_all(NodeIndex node) {
  if (node >= hosts_.size()) return;
  while (hosts_[node].first != no_end) remove(hosts_[node].first);
  hosts_[node].next_accepted = 2;
}

EndIndex EndTable::adopt(StreamEnd&& end) {
  const EndIndex slot = ends_.take();
  at(slot) = std::move(end);
  if (!at(slot).opened_here) accepted_.add(name_of(at(slot).peer_node, at(slot).peer.serial), slot);
  return slot;
}

std::vector<EndIndex> EndTable::move_all(const std::function<EndTable&(NodeIndex)>& table_of) {
  std::vector<EndIndex> moved(ends_.size(), no_end);
  std::vector<EndIndex> known;
  for (NodeIndex node = 0; node < hosts_.size(); ++node) {
    const HostStreams& host = hosts_[node];
    if (host.ends == 0) continue;
    EndTable& table = table_of(node);
    known.clear();
    for_each_of(node, [&known](EndIndex end) { known.push_back(end); });
    HostStreams& there = table.streams_of(node);
    there.next_accepted = host.next_accepted;
    there.ends = host.ends;
    for (std::size_t i = known.size(); i-- > 0;) {
      moved[known[i]] = table.adopt(std::move(at(known[i])));
      table.add_to_host(moved[known[i]]);
    }
  }
  for_each([&](EndIndex end) {  // the others linger
    if (moved[end] == no_end) moved[end] = table_of(at(end).node).adopt(std::move(at(end)));
  });
  return moved;
}

EndIndex EndTable::grave() {
  if (grave_ == no_end) grave_ = ends_.take();
  return grave_;
}

void EndTable::prefetch(EndIndex end) const noexcept {
  const auto* begin = reinterpret_cast<const std::byte*>(&at(end));
  for (std::size_t line = 0; line < sizeof(StreamEnd); line += 64) __builtin_prefetch(begin + line);
}

void EndTable::prefetch_further(EndIndex end) const noexcept {
  const StreamEnd& self = at(end);
  self.requests.prefetch();
  self.queue.prefetch();
  self.sender.prefetch();
  self.pipe.prefetch();
}

void EndTable::append_states(std::vector<std::vector<std::byte>>& out) const {
  for (EndIndex end = 0; end < ends_.size(); ++end)
    if (at(end).serial != 0) at(end).append_state(out.emplace_back());
}

}  // namespace peerbed::sim
