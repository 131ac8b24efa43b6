#pragma once
// How streams pass gateways. A SYN finds its way and is filtered as a datagram is. Behind it the stream has a session
// at each gateway, which lasts as long as something passes.

#include "sim/streams/end_table.h"
#include "sim/streams/segment.h"
#include "sim/streams/stream_context.h"
#include "sim/streams/stream_options.h"

namespace peerbed::sim {

class GatewaySessions {
 public:
  // A segment with these flags leaves an end. A SYN sets where the stream leads to, and how its opener is seen there.
  static void leave(StreamContext& context, StreamEnd& end, std::uint8_t flags, StreamCounters& counters) {
    if (!context.network.gateways().empty()) [[unlikely]]
      pass_outwards(context, end, flags, counters);
  }
  // Whether a segment that has come for this end is let in, or for no_end if that is gone. The ends of both hosts are
  // in one table.
  static bool admit(StreamContext& context, EndTable& ends, EndIndex end, const Segment& segment, const Event& event,
                    StreamCounters& counters) {
    return context.network.gateways().empty() || pass_inwards(context, ends, end, segment, event, counters);
  }
  // Whether the address that a stream is opened to leads to the port at which hosts take streams.
  static bool is_listening(const StreamContext& context, Address address) {
    return address.port() == host_port || context.network.gateways().is_nat(address);
  }
  // The opener of a stream, as the host sees it that accepts it.
  static Address opener(const StreamContext& context, const EndTable& ends, const Segment& segment, const Event& event,
                        AddressFamily family) {
    if (context.network.gateways().empty()) return address_of(event.source, family);
    return ends.at(segment.from.slot).seen_as;  // it is there, since its SYN was let in
  }

 private:
  static void pass_outwards(StreamContext& context, StreamEnd& end, std::uint8_t flags, StreamCounters& counters);
  static bool pass_inwards(StreamContext& context, EndTable& ends, EndIndex end, const Segment& segment,
                           const Event& event, StreamCounters& counters);
};

}  // namespace peerbed::sim
