#pragma once
// Counters of one host. They never decrease.

#include <cstdint>

#include "host/traffic_count.h"

namespace peerbed::adapter {

struct HostCounters {
  std::uint64_t inputs = 0;  // handled by nodes
  TrafficCount sent;
  TrafficCount delivered;
  std::uint64_t dropped_sending = 0;       // the kernel refused them: no route, no buffer, or no receiver
  std::uint64_t dropped_oversized = 0;     // longer than any datagram that a node sends
  std::uint64_t dropped_unknown = 0;       // to or from an unknown address
  std::uint64_t dropped_rate = 0;          // from a peer that exceeded its rate
  std::uint64_t validation_datagrams = 0;  // challenges and answers to them, apart from what nodes send
  std::uint64_t dropped_unvalidated = 0;   // from senders that did not validate their address in time
  // With a cluster key: not sealed with it by the sender for this node, or replayed.
  std::uint64_t dropped_unauthentic = 0;
  std::uint64_t dropped_replayed = 0;

  std::uint64_t streams_opened = 0;    // by nodes
  std::uint64_t streams_accepted = 0;  // and announced to a node
  std::uint64_t streams_closed = 0;    // closed normally
  std::uint64_t streams_reset = 0;     // and reported to their nodes
  std::uint64_t stream_bytes_sent = 0;
  std::uint64_t stream_bytes_received = 0;

  // Streams that were refused or reset because a limit was reached:
  std::uint64_t refused_streams = 0;            // by all remotes together
  std::uint64_t refused_streams_of_remote = 0;  //
  std::uint64_t refused_for_descriptors = 0;    // the process may open no more files
  std::uint64_t reset_backlog = 0;              // a node wrote more than its peer reads
  std::uint64_t reset_memory = 0;               // too many bytes waited for one peer
  std::uint64_t reset_connecting = 0;           // no answer in time
  std::uint64_t reset_silent = 0;               // accepted, but nothing arrived
  std::uint64_t reset_idle = 0;                 // nothing moved for too long
  std::uint64_t reset_slow = 0;                 // a request took too long
  // With a cluster key: the other end does not have it, or data was changed or cut off on the way.
  std::uint64_t reset_unauthentic = 0;
};

}  // namespace peerbed::adapter
