#pragma once
// One end of a stream, as its host keeps it, and the connection between two ends.

#include <array>
#include <cstdint>
#include <vector>

#include "protocols/environment/address.h"
#include "protocols/environment/stream.h"
#include "sim/core/types.h"
#include "sim/streams/pipe.h"
#include "sim/streams/receiver.h"
#include "sim/streams/request_queue.h"
#include "sim/streams/send_queue.h"
#include "sim/streams/sender.h"

namespace peerbed::sim {

// The number of one end of a connection: twice the connection's number, plus the side.
using EndIndex = std::uint32_t;
constexpr EndIndex no_end = UINT32_MAX;

enum class EndState : std::uint8_t {
  unused,      // the SYN has not reached this host yet
  connecting,  // SYN-SENT in RFC 9293
  accepting,   // SYN-RECEIVED
  open,        // ESTABLISHED until both sides have closed
  broken,      // the node has yet to be told that it was reset
  lingering,   // TIME-WAIT: the node has forgotten the stream
  gone,
};

struct StreamEnd {
  NodeIndex node = no_node;
  StreamId id;
  EndState state = EndState::unused;
  EndIndex next_of_host = no_end;
  EndIndex previous_of_host = no_end;

  // Events that the node has yet to be told, and whether an event that tells it is queued.
  bool announces = false;
  bool ready_queued = false;
  bool touched = false;  // by an effect of the handler being applied
  bool closing = false;  // the node will write nothing more
  bool lingers = false;  // its FIN left before the peer's arrived

  Sender sender;
  SendQueue queue;
  Time last_arrival;  // of what it sent
  Receiver receiver;
  RequestQueue requests;

  Time linger_until = never;
  // One queued event serves all timers; if it comes too early, it is queued again.
  Time alarm_queued = never;

  // Forgets the stream that had this end before, but reuses its allocated memory.
  void begin(const StreamOptions& options, Time now);
  bool is_live() const noexcept {
    return state == EndState::connecting || state == EndState::accepting || state == EndState::open;
  }
  // For digests.
  void append_state(std::vector<std::byte>& out) const;
};

struct Connection {
  std::uint32_t generation = 0;
  NodeIndex to = no_node;  // the destination it was opened to
  Address address;
  Address opener;  // as the accepting side sees it
  Time passed;     // through gateways, last
  Time opened_at;
  std::array<StreamEnd, 2> ends;  // [0] opened the connection
  std::array<Pipe, 2> pipes;      // [side] carries what ends[side] writes
};

}  // namespace peerbed::sim
