#include "sim/engine/deferred_events.h"

#include <utility>

#include "protocols/environment/contract.h"

namespace peerbed::sim {

bool DeferredEvents::add(const Event& event, std::size_t datagram_bytes) {
  PEERBED_CONTRACT(event.kind() == EventKind::datagram || datagram_bytes == 0,
                   "only datagrams take room in a receive buffer");
  Waiting& waiting = waiting_[event.destination];
  if (datagram_bytes > 0 && waiting.datagram_bytes + datagram_bytes > receive_buffer_) return false;
  waiting.datagram_bytes += datagram_bytes;
  waiting.events.push_back(event);
  return true;
}

std::vector<Event> DeferredEvents::take(NodeIndex node) {
  auto waiting = waiting_.extract(node);
  return waiting.empty() ? std::vector<Event>{} : std::move(waiting.mapped().events);
}

}  // namespace peerbed::sim
