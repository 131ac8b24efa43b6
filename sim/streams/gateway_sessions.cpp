#include "sim/streams/gateway_sessions.h"

#include <algorithm>

namespace peerbed::sim {

void GatewaySessions::pass_outwards(StreamContext& context, StreamEnd& end, std::uint8_t flags,
                                    StreamCounters& counters) {
  const auto route = context.network.gateways().leave(Transport::tcp, end.node, end.remote, context.now);
  if (!end.opened_here || (flags & segment_synchronises) == 0) return;
  const bool leads_to_host = route && route->destination < context.hosts.size();
  end.peer_node = leads_to_host ? route->destination : no_node;
  if (leads_to_host)
    end.seen_as = route->from;
  else
    ++counters.packets_refused;
}

bool GatewaySessions::pass_inwards(StreamContext& context, EndTable& ends, EndIndex end, const Segment& segment,
                                   const Event& event, StreamCounters& counters) {
  const Gateways& gateways = context.network.gateways();
  const EndIndex sender = ends.find(event.source, segment.from);
  const bool begins = (segment.flags & segment_synchronises) != 0 && segment.side == 1;
  if (sender == no_end && (begins || end == no_end)) return false;  // nobody is left to hear of it
  bool passes = false;
  if (begins) {
    const StreamEnd& opener = ends.at(sender);
    passes = event.destination == opener.peer_node &&
             gateways.admits(Transport::tcp, event.destination, opener.seen_as, opener.remote, context.now);
  } else {
    const auto lifetime = std::min(gateways.stream_lifetime(event.source), gateways.stream_lifetime(event.destination));
    passes = context.now - ends.at(end != no_end ? end : sender).passed <= lifetime;
  }
  if (!passes) {
    counters.packets_refused += segment.packets;
    return false;
  }
  for (const EndIndex each : {end, sender})
    if (each != no_end) ends.at(each).passed = context.now;
  return true;
}

}  // namespace peerbed::sim
