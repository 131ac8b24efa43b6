#pragma once
// What paused hosts have not handled yet, for each host in order of arrival. Its datagrams take no more than a host's
// receive buffer.

#include <algorithm>
#include <cstddef>
#include <map>
#include <vector>

#include "sim/core/event.h"

namespace peerbed::sim {

class DeferredEvents {
 public:
  explicit DeferredEvents(std::size_t receive_buffer) : receive_buffer_(receive_buffer) {}

  // Keeps an event for its destination. `datagram_bytes` is what it takes of the receive buffer, and 0 for all that are
  // not datagrams. Returns false and keeps nothing if the buffer has no room for it.
  bool add(const Event& event, std::size_t datagram_bytes);
  // Removes the host's events and returns them in order of arrival.
  std::vector<Event> take(NodeIndex node);
  // Visits all events, host by host.
  template <class Visit>
  void for_each(Visit&& visit) const {
    for (const auto& [node, waiting] : waiting_) std::for_each(waiting.events.begin(), waiting.events.end(), visit);
  }

 private:
  struct Waiting {
    std::vector<Event> events;
    std::size_t datagram_bytes = 0;
  };

  std::size_t receive_buffer_;
  std::map<NodeIndex, Waiting> waiting_;
};

}  // namespace peerbed::sim
