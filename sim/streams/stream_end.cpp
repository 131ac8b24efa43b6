#include "sim/streams/stream_end.h"

#include <tuple>
#include <utility>

#include "protocols/environment/state.h"

namespace peerbed::sim {

void StreamEnd::begin(const StreamOptions& options, Time now) {
  StreamEnd fresh;
  fresh.sender = std::move(sender);
  fresh.queue = std::move(queue);
  fresh.receiver = std::move(receiver);
  fresh.requests = std::move(requests);
  fresh.sender.begin(options, now);
  fresh.queue.begin();
  fresh.receiver.begin(options);
  fresh.requests.begin();
  *this = std::move(fresh);
}

void StreamEnd::append_state(std::vector<std::byte>& out) const {
  requests.append_state(out);
  queue.append_state(out);
  peerbed::append_state(
      out, std::tuple(state, node, id, sender.window(), sender.first_unacknowledged(), sender.next(),
                      receiver.received(), receiver.asked(), receiver.advertised_end(), sender.peer_window_end(),
                      sender.backoff(), sender.retransmit_at(), receiver.due(), linger_until));
}

}  // namespace peerbed::sim
