#pragma once
// How streams pass gateways. A SYN finds its way and is filtered as a datagram is. Behind it the stream has a session
// at each gateway, which lasts as long as something passes.

#include "sim/streams/segment.h"
#include "sim/streams/stream_context.h"
#include "sim/streams/stream_end.h"
#include "sim/streams/stream_options.h"

namespace peerbed::sim {

class GatewaySessions {
 public:
  // A segment with these flags leaves one side of a connection. A SYN of a connection that nobody has accepted yet sets
  // where it leads to, and how its opener is seen there.
  static void leave(StreamContext& context, Connection& connection, unsigned side, std::uint8_t flags,
                    StreamCounters& counters) {
    if (!context.network.gateways().empty()) [[unlikely]]
      pass_outwards(context, connection, side, flags, counters);
  }
  // Whether a segment for this node is let in.
  static bool admit(StreamContext& context, Connection& connection, const Segment& segment, NodeIndex node,
                    StreamCounters& counters) {
    return context.network.gateways().empty() || pass_inwards(context, connection, segment, node, counters);
  }
  // Whether the address that a stream is opened to leads to the port at which hosts take streams.
  static bool is_listening(const StreamContext& context, const Connection& connection) {
    return connection.address.port() == host_port || context.network.gateways().is_nat(connection.address);
  }

 private:
  static void pass_outwards(StreamContext& context, Connection& connection, unsigned side, std::uint8_t flags,
                            StreamCounters& counters);
  static bool pass_inwards(StreamContext& context, Connection& connection, const Segment& segment, NodeIndex node,
                           StreamCounters& counters);
};

}  // namespace peerbed::sim
