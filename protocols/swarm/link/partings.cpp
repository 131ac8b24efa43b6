#include "protocols/swarm/link/partings.h"

#include <algorithm>

#include "protocols/environment/contract.h"

namespace peerbed::swarm {

namespace {

constexpr int patience_with_partings = 10;  // times the time to connect

}  // namespace

Partings::End Partings::end(const Context& context, StreamId stream, CloseReason reason, bool is_quiet) {
  const bool in_peace = is_peaceful(reason) && is_quiet && partings_.size() < maximum_partings;
  if (in_peace)
    context.environment.write_stream(stream,
                                     Frame{.kind = FrameKind::goodbye, .piece = static_cast<std::uint32_t>(reason)});
  return answer(context, stream, in_peace);
}

Partings::End Partings::answer(const Context& context, StreamId stream, bool is_quiet) {
  PEERBED_CONTRACT(std::none_of(partings_.begin(), partings_.end(),
                                [&](const Parting& parting) { return parting.stream == stream; }),
                   "a stream ends once");
  if (!is_quiet || partings_.size() >= maximum_partings) {
    context.environment.reset_stream(stream);
    return End::reset;
  }
  context.environment.close_stream(stream);
  context.environment.receive_bytes(stream, maximum_stream_request);
  partings_.push_back({stream, context.now()});
  return End::parting;
}

void Partings::read_on(const Context& context, const StreamEvent& event) {
  const auto found = std::find_if(partings_.begin(), partings_.end(),
                                  [&](const Parting& parting) { return parting.stream == event.stream; });
  if (found == partings_.end()) return;
  if (event.kind == StreamEventKind::bytes_received)
    context.environment.receive_bytes(event.stream, maximum_stream_request);
  if (event.kind == StreamEventKind::closed || event.kind == StreamEventKind::reset) partings_.erase(found);
}

void Partings::end_overdue(const Context& context) {
  std::erase_if(partings_, [&](const Parting& parting) {
    if (context.now() - parting.since < patience_with_partings * context.options.connect_timeout) return false;
    context.environment.reset_stream(parting.stream);
    return true;
  });
}

}  // namespace peerbed::swarm
