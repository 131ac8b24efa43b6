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
  fresh.pipe = std::move(pipe);
  fresh.sender.begin(options, now);
  fresh.queue.begin();
  fresh.receiver.begin(options);
  fresh.requests.begin();
  fresh.passed = now;
  *this = std::move(fresh);
}

void StreamEnd::append_state(std::vector<std::byte>& out) const {
  peerbed::append_state(out, std::tuple(node, id, serial, state, peer_node, peer.serial, peer_id, remote, written));
  requests.append_state(out);
  queue.append_state(out);
  peerbed::append_state(
      out, std::tuple(sender.window(), sender.first_unacknowledged(), sender.next(), receiver.received(),
                      receiver.asked(), receiver.advertised_end(), sender.peer_window_end(), sender.backoff(),
                      sender.retransmit_at(), receiver.due(), linger_until));
  pipe.append_state(out);
}

}  // namespace peerbed::sim
