#pragma once
// One end of a stream, as its host keeps it. It knows of the other end only what segments have told.

#include <cstdint>
#include <vector>

#include "protocols/environment/address.h"
#include "protocols/environment/stream.h"
#include "sim/core/types.h"
#include "sim/streams/end_ref.h"
#include "sim/streams/pipe.h"
#include "sim/streams/receiver.h"
#include "sim/streams/request_queue.h"
#include "sim/streams/send_queue.h"
#include "sim/streams/sender.h"

namespace peerbed::sim {

enum class EndState : std::uint8_t {
  unused,      // a free slot
  connecting,  // SYN-SENT in RFC 9293
  accepting,   // SYN-RECEIVED
  open,        // ESTABLISHED until both sides have closed
  broken,      // the node has yet to be told that it was reset
  lingering,   // TIME-WAIT: the node has forgotten the stream
};

struct StreamEnd {
  NodeIndex node = no_node;
  std::uint32_t serial = 0;  // among the ends that the host has ever had; 0 in a free slot
  StreamId id;
  EndState state = EndState::unused;
  bool opened_here = false;  // rather than accepted

  // Events that the node has yet to be told, and whether an event that tells it is queued.
  bool announces = false;
  bool ready_queued = false;
  bool touched = false;  // by an effect of the handler being applied
  bool closing = false;  // the node will write nothing more
  bool lingers = false;  // its FIN left before the peer's arrived

  EndIndex next_of_host = no_end;
  EndIndex previous_of_host = no_end;
  std::uint32_t first_sequence = 0;  // of its host's events that can be about this end

  NodeIndex peer_node = no_node;  // no_node if the address leads to nobody
  EndRef peer;
  StreamId peer_id;  // the peer's name for the stream; 0 until it is known
  Address remote;    // of the peer, as the node knows it

  Sender sender;
  SendQueue queue;
  std::uint64_t written = 0;  // the end of what the node wrote
  Time last_arrival;          // of what it sent
  Receiver receiver;
  RequestQueue requests;
  // What the peer has written and this end has not taken. Until the peer has answered, which can have written nothing
  // before: what this end has written.
  Pipe pipe;

  Time linger_until = never;
  // One queued event serves all timers; if it comes too early, it is queued again.
  Time alarm_queued = never;

  // Of streams that pass gateways: the opener's address as the other end sees it, and when something was last let in.
  Address seen_as;
  Time passed;

  // Forgets the stream that had this slot before, but reuses its allocated memory.
  void begin(const StreamOptions& options, Time now);
  bool is_live() const noexcept {
    return state == EndState::connecting || state == EndState::accepting || state == EndState::open;
  }
  // Both sides have closed, and know it of each other.
  bool is_done() const noexcept { return receiver.peer_finished() && sender.first_unacknowledged() > written; }
  // And the node has heard of all.
  bool is_closed() const noexcept {
    return state == EndState::open && closing && is_done() && pipe.taken() == receiver.peer_end();
  }
  // For digests.
  void append_state(std::vector<std::byte>& out) const;
};

}  // namespace peerbed::sim
