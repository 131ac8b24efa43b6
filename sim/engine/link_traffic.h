#pragma once
// What datagrams and segments meet at links on their way. They cross the links of the backbone and the down-links of
// hosts, wait where a discipline decides which packet is next, and are dropped there.

#include <vector>

#include "sim/core/event.h"
#include "sim/engine/datagrams_under_way.h"
#include "sim/engine/world_counters.h"
#include "sim/network/managed_links.h"
#include "sim/streams/streams.h"

namespace peerbed::sim {

class LinkTraffic {
 public:
  // What the world lends while it handles an event.
  struct Context {
    StreamContext stream;
    DatagramsUnderWay& datagrams;
    Streams& streams;
    WorldCounters& counters;
  };

  // A datagram has reached a link: it goes on to the next link of its route or to the host, waits, or is dropped.
  void move_datagram(Context context, Event event);
  // A segment has reached a link. Returns false if the link has no discipline: then its stream moves it on.
  bool takes_segment(Context context, const Event& event);
  // The wire of a link with a discipline is free.
  void take_turn(Context context, const Event& event);

 private:
  void follow(Context& context, const ManagedLinks::Turn& turn);

  std::vector<QueuedPacket> dropped_;  // at the present event
};

}  // namespace peerbed::sim
