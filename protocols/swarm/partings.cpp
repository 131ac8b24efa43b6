// Streams that end in peace. Whoever ends one says why in a last frame and writes no more; the other side does the same
// when it has read it; each reads on until the other is done. What is under way on a stream is not waited for: then it
// is reset.

#include <algorithm>

#include "protocols/swarm/peer.h"

namespace peerbed::swarm {

namespace {

constexpr int patience_with_partings = 10;  // times the time to connect

}  // namespace

// Nothing comes but frames that this side need not read.
bool Peer::may_part(const Link& link) const noexcept {
  const bool is_established = link.stage == Link::Stage::greeting || link.is_open();
  return is_established && !link.is_asked() && !link.receiving_manifest && !leaving_ &&
         partings_.size() < maximum_partings;
}

void Peer::say_goodbye(Environment& environment, StreamId stream, CloseReason reason) {
  environment.write_stream(stream, Frame{.kind = FrameKind::goodbye, .piece = static_cast<std::uint32_t>(reason)});
  part(environment, stream);
}

void Peer::part(Environment& environment, StreamId stream) {
  environment.close_stream(stream);
  environment.receive_bytes(stream, maximum_stream_request);
  partings_.push_back({stream, environment.now()});
  wake(environment);
}

void Peer::handle_goodbye(Environment& environment, Link& link, CloseReason reason) {
  if (may_part(link)) {
    part(environment, link.stream);
  } else {
    environment.reset_stream(link.stream);
  }
  lose_link(environment, link, reason);
}

// There is no room even to hear what the caller wants.
void Peer::turn_away(Environment& environment, StreamId stream, Address peer) {
  const CloseReason reason = leaving_ ? CloseReason::leaving : CloseReason::full;
  if (leaving_ || partings_.size() >= maximum_partings) {
    environment.reset_stream(stream);
  } else {
    say_goodbye(environment, stream, reason);
  }
  environment.trace(index_of(TraceEvent::link_closed), {peer.value, static_cast<std::uint64_t>(reason)});
}

void Peer::read_on(Environment& environment, const StreamEvent& event) {
  const auto place = std::find_if(partings_.begin(), partings_.end(),
                                  [&](const Parting& parting) { return parting.stream == event.stream; });
  if (place == partings_.end()) return;
  if (event.kind == StreamEventKind::bytes_received) environment.receive_bytes(event.stream, maximum_stream_request);
  if (event.kind == StreamEventKind::closed || event.kind == StreamEventKind::reset) partings_.erase(place);
}

void Peer::end_partings(Environment& environment) {
  std::erase_if(partings_, [&](const Parting& parting) {
    if (environment.now() - parting.since < patience_with_partings * options_->connect_timeout) return false;
    environment.reset_stream(parting.stream);
    return true;
  });
}

}  // namespace peerbed::swarm
