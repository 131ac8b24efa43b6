#include "sim/streams/gateway_sessions.h"

#include <algorithm>

namespace peerbed::sim {

void GatewaySessions::pass_outwards(StreamContext& context, Connection& connection, unsigned side, std::uint8_t flags,
                                    StreamCounters& counters) {
  const Address remote = side == 0 ? connection.address : connection.opener;
  const auto route = context.network.gateways().leave(Transport::tcp, connection.ends[side].node, remote, context.now);
  const bool begins = side == 0 && (flags & segment_synchronises) != 0 && connection.ends[1].state == EndState::unused;
  if (!begins) return;
  const bool leads_to_host = route && route->destination < context.hosts.size();
  connection.to = leads_to_host ? route->destination : no_node;
  if (leads_to_host)
    connection.opener = route->from;
  else
    ++counters.packets_refused;
}

bool GatewaySessions::pass_inwards(StreamContext& context, Connection& connection, const Segment& segment,
                                   NodeIndex node, StreamCounters& counters) {
  const Gateways& gateways = context.network.gateways();
  const bool begins = (segment.flags & segment_synchronises) != 0 && segment.side == 1;
  const auto lifetime = [&] {
    return std::min(gateways.stream_lifetime(connection.to), gateways.stream_lifetime(connection.ends[0].node));
  };
  const bool passes = begins ? node == connection.to && gateways.admits(Transport::tcp, node, connection.opener,
                                                                        connection.address, context.now)
                             : context.now - connection.passed <= lifetime();
  if (passes)
    connection.passed = context.now;
  else
    counters.packets_refused += segment.packets;
  return passes;
}

}  // namespace peerbed::sim
