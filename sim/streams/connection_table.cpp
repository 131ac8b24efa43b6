#include "sim/streams/connection_table.h"

#include <tuple>

#include "protocols/environment/contract.h"
#include "protocols/environment/state.h"

namespace peerbed::sim {

EndIndex ConnectionTable::open(NodeIndex to, Address address, Address opener, Time now) {
  const std::uint32_t slot = connections_.take();
  Connection& connection = connections_[slot];
  connection.to = to;
  connection.address = address;
  connection.opener = opener;
  connection.passed = connection.opened_at = now;
  return 2 * slot;
}

void ConnectionTable::begin(EndIndex end, NodeIndex node, StreamId id, const StreamOptions& options, Time now) {
  PEERBED_CONTRACT(names_.find(name_of(node, id)) == StreamNames::none, "a node's streams have different names");
  StreamEnd& self = at(end);
  self.begin(options, now);
  self.node = node;
  self.id = id;
  HostStreams& host = streams_of(node);
  self.next_of_host = host.first;
  if (host.first != no_end) at(host.first).previous_of_host = end;
  host.first = end;
  names_.add(name_of(node, id), end);
}

ConnectionTable::HostStreams& ConnectionTable::streams_of(NodeIndex node) {
  if (node >= hosts_.size()) hosts_.resize(node + std::size_t{1});
  return hosts_[node];
}

StreamId ConnectionTable::take_accepted_id(NodeIndex node) {
  HostStreams& host = streams_of(node);
  const StreamId id{host.next_accepted};
  host.next_accepted += 2;
  return id;
}

void ConnectionTable::part_from_node(EndIndex end) {
  StreamEnd& self = at(end);
  last_found_ = no_end;
  if (names_.find(name_of(self.node, self.id)) != end) return;
  names_.remove(name_of(self.node, self.id));
  if (self.next_of_host != no_end) at(self.next_of_host).previous_of_host = self.previous_of_host;
  if (self.previous_of_host != no_end)
    at(self.previous_of_host).next_of_host = self.next_of_host;
  else
    streams_of(self.node).first = self.next_of_host;
}

void ConnectionTable::remove(EndIndex end) {
  part_from_node(end);
  at(end).state = EndState::gone;
  Connection& connection = connections_[end >> 1];
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

void ConnectionTable::remove_all(NodeIndex node) {
  if (node >= hosts_.size()) return;
  while (hosts_[node].first != no_end) remove(hosts_[node].first);
  hosts_[node].next_accepted = 2;
}

void ConnectionTable::prefetch(EndIndex end) const noexcept {
  const auto* begin = reinterpret_cast<const std::byte*>(&at(end));
  for (std::size_t line = 0; line < sizeof(StreamEnd); line += 64) __builtin_prefetch(begin + line);
  __builtin_prefetch(&incoming(end));
}

void ConnectionTable::prefetch_further(EndIndex end) const noexcept {
  const StreamEnd& self = at(end);
  self.requests.prefetch();
  self.queue.prefetch();
  self.sender.prefetch();
  incoming(end).prefetch();
}

void ConnectionTable::append_state(std::vector<std::byte>& out) const {
  for (std::uint32_t slot = 0; slot < connections_.size(); ++slot) {
    const Connection& connection = connections_[slot];
    if (connection.ends[0].state == EndState::unused) continue;  // free slot
    peerbed::append_state(out, std::tie(connection.to, connection.address, connection.opened_at));
    for (const StreamEnd& end : connection.ends) end.append_state(out);
    for (const Pipe& pipe : connection.pipes) pipe.append_state(out);
  }
}

}  // namespace peerbed::sim
