#pragma once
// Options and counters of the simulated hosts' streams. Constants are TCP's, and Linux's where the RFCs leave a choice.

#include <cstdint>

#include "protocols/environment/time.h"
#include "sim/streams/congestion.h"

namespace peerbed::sim {

// How a sender finds out what was lost, apart from its timer.
enum class LossRecovery : std::uint8_t {
  selective,  // by selective acknowledgements (RFC 6675)
  new_reno,   // by three duplicate ones, and partial ones (RFC 5681, RFC 6582)
  reno,       // by three duplicate ones: a second loss in a window takes a timeout, mostly
};

struct StreamOptions {
  CongestionControl congestion = CongestionControl::cubic;
  LossRecovery recovery = LossRecovery::selective;
  // The most bytes in one event: 1460 moves packet by packet; 65,536 moves up to 46 packets at once, each of which is
  // lost by itself all the same.
  std::uint32_t segment_size = 65'536;
  std::uint32_t initial_window = 10;               // packets (RFC 6928)
  std::uint64_t receive_buffer = 4 * 1024 * 1024;  // bytes that wait at a host for its node to ask for them
  std::uint32_t acknowledge_every = 2;             // packets; 1 acknowledges each
  Duration delayed_acknowledgement = std::chrono::milliseconds(40);  // of fewer packets than that
  Duration minimum_timeout = std::chrono::milliseconds(200);         // of retransmission; RFC 6298 says 1 s
  Duration maximum_timeout = std::chrono::seconds(120);
  Duration connect_timeout = std::chrono::seconds(20);  // then an unanswered open_stream is a reset
  Duration user_timeout = std::chrono::seconds(60);     // then unacknowledged bytes are a reset (RFC 5482)
  Duration linger = std::chrono::seconds(15);           // of the end that closed first: TIME-WAIT
  double undetected_corruption = 1.0 / 65'536;          // of damaged packets, those that the checksum lets through
};

struct StreamCounters {
  std::uint64_t opened = 0;              // by open_stream
  std::uint64_t accepted = 0;            // and told to a node
  std::uint64_t closed = 0;              // ends that came to a good close
  std::uint64_t reset = 0;               // ends that were told so
  std::uint64_t messages = 0;            // written by nodes, each by one write_stream
  std::uint64_t segments = 0;            // sent with bytes of a stream
  std::uint64_t acknowledgements = 0;    // sent alone
  std::uint64_t packets = 0;             // those segments stand for
  std::uint64_t packets_again = 0;       // of these, retransmitted
  std::uint64_t packets_lost = 0;        // by chance, or a checksum
  std::uint64_t packets_cut = 0;         // by a partition
  std::uint64_t packets_overflowed = 0;  // by a full up-link or down-link
  std::uint64_t payload_bytes = 0;       // arrived for the first time
  std::uint64_t duplicate_bytes = 0;     // arrived again
  std::uint64_t harmed_bytes = 0;        // got past the checksum
  std::uint64_t timeouts = 0;            // of retransmission
};

}  // namespace peerbed::sim
