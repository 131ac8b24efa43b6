#pragma once
// One end of a stream, as its host keeps it, and the connection between two ends.

#include <array>
#include <cstdint>

#include "protocols/environment/address.h"
#include "protocols/environment/stream.h"
#include "sim/core/ring_buffer.h"
#include "sim/core/types.h"
#include "sim/streams/byte_ranges.h"
#include "sim/streams/congestion.h"
#include "sim/streams/pipe.h"
#include "sim/streams/round_trip.h"
#include "sim/streams/scoreboard.h"

namespace peerbed::sim {

// The number of one end of a connection: twice the connection's number, plus the side.
using EndIndex = std::uint32_t;
constexpr EndIndex no_end = UINT32_MAX;
constexpr Time never = Time::max();

enum class EndState : std::uint8_t {
  unused,      // the SYN has not reached this host yet
  connecting,  // SYN-SENT in RFC 9293
  accepting,   // SYN-RECEIVED
  open,        // ESTABLISHED until both sides have closed
  broken,      // the node has yet to be told that it was reset
  lingering,   // TIME-WAIT: the node has forgotten the stream
  gone,
};

// A node's request to receive bytes.
struct StreamRequest {
  std::uint64_t size = 0;
  ContentRange range;
  bool to_content = false;
};

// Something that a node wrote or sent and that has not left completely.
struct StreamMark {
  std::uint64_t end = 0;   // in the stream
  std::uint64_t size = 0;  // of literal bytes
  ContentRange range;
  bool content = false;
};

struct StreamEnd {
  NodeIndex node = no_node;
  StreamId id;
  EndState state = EndState::unused;
  EndIndex next_of_host = no_end;
  EndIndex previous_of_host = no_end;

  // Events that the node has yet to be told, and whether an event that tells it is queued.
  bool announces = false;
  bool told_half_closed = false;
  bool ready_queued = false;
  bool touched = false;  // by an effect of the handler being applied

  // Sending. Offsets count the bytes of this direction; the FIN counts as one more byte at the end.
  Congestion congestion;
  RoundTrip round_trip;
  Scoreboard board;
  std::uint64_t peer_window_end = 0;
  std::uint64_t literal_waiting = 0;
  std::uint64_t recovery_end = 0;
  bool closing = false;          // the node will write nothing more
  bool recovers = false;         // until recovery_end is acknowledged
  bool after_timeout = false;    // in this recovery the window grows
  bool lingers = false;          // its FIN left before the peer's arrived
  bool window_limited = false;   // when it last sent
  std::uint8_t backoff = 0;      // timeouts in a row
  std::uint32_t duplicates = 0;  // consecutive acknowledgements of nothing new
  Time last_sent = never;
  Time progress_at;  // when the last acknowledgement arrived, or when sending resumed after everything was acknowledged
  Time last_arrival;  // of what it sent: a path is a queue, so jitter does not reorder
  RingBuffer<StreamMark> marks;

  // Receiving.
  ByteRanges early;            // arrived beyond a gap
  std::uint64_t received = 0;  // everything below arrived
  std::uint64_t asked = 0;     // the node asked for everything below, so it takes no buffer space when it arrives
  std::uint64_t advertised_end = 0;
  std::uint64_t peer_end = UINT64_MAX;  // the position of the peer's FIN, once known
  std::uint32_t unacknowledged_packets = 0;
  bool acknowledges_now = false;
  std::uint8_t block_turn = 0;
  Time echo = Time::max();
  Duration echo_spread{};
  std::uint64_t answered_offset = 0;
  std::uint32_t answered_size = 0;
  std::uint64_t answered_lost = 0;
  RingBuffer<StreamRequest> requests;

  // With a slow disk, content is read ahead of sending, chunk by chunk, and written after it has arrived.
  std::uint64_t read_end = 0;     // everything below was read
  std::uint64_t reading_end = 0;  // the read under way ends here
  Time read_at = never;
  std::uint64_t writing_end = 0;  // everything below will have been written by written_at
  Time written_at = never;

  // One queued event serves all timers; if it comes too early, it is queued again.
  Time retransmit_at = never;
  bool retransmit_probes = false;  // the timer is for a tail loss probe, not for a timeout
  bool has_probed = false;         // since the last progress
  Time lost_at = never;            // when missing bytes count as lost rather than overtaken
  Time acknowledge_at = never;
  Time linger_until = never;
  Time alarm_queued = never;

  bool is_live() const noexcept {
    return state == EndState::connecting || state == EndState::accepting || state == EndState::open;
  }
  bool peer_finished() const noexcept { return received > peer_end; }
  // Everything below has arrived, not counting the FIN.
  std::uint64_t readable_end() const noexcept { return peer_finished() ? peer_end : received; }
};

struct Connection {
  std::uint32_t generation = 0;
  NodeIndex to = no_node;  // the destination it was opened to
  Address address;
  Time opened_at;
  std::array<StreamEnd, 2> ends;  // [0] opened the connection
  std::array<Pipe, 2> pipes;      // [side] carries what ends[side] writes
};

}  // namespace peerbed::sim
