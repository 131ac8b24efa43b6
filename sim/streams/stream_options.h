#pragma once
// Options and counters of the simulated hosts' streams. Defaults are TCP's, and Linux's where the RFCs leave a choice.

#include <cstdint>

#include "protocols/environment/time.h"
#include "sim/streams/congestion.h"

namespace peerbed::sim {

// How a sender detects loss, other than by its timer.
enum class LossRecovery : std::uint8_t {
  selective,  // by selective acknowledgements (RFC 6675)
  new_reno,   // by three duplicate acknowledgements, and partial ones (RFC 5681, RFC 6582)
  reno,       // by three duplicate acknowledgements: a second loss in a window usually takes a timeout
};

struct StreamOptions {
  CongestionControl congestion = CongestionControl::cubic;
  LossRecovery recovery = LossRecovery::selective;
  // The most bytes in one event: 1460 moves packet by packet; 65,536 moves up to 46 packets at once, each of which can
  // still be lost on its own.
  std::uint32_t segment_size = 65'536;
  std::uint32_t initial_window = 10;               // packets (RFC 6928)
  std::uint64_t receive_buffer = 4 * 1024 * 1024;  // bytes that wait at a host until its node asks for them
  std::uint32_t acknowledge_every = 2;             // packets; 1 acknowledges each
  Duration delayed_acknowledgement = std::chrono::milliseconds(40);  // of fewer packets than that
  Duration minimum_timeout = std::chrono::milliseconds(200);         // of retransmission; RFC 6298 says 1 s
  Duration maximum_timeout = std::chrono::seconds(120);
  Duration connect_timeout = std::chrono::seconds(20);  // after which an unanswered open_stream is a reset
  Duration user_timeout = std::chrono::seconds(60);     // then unacknowledged bytes reset the stream (RFC 5482)
  Duration linger = std::chrono::seconds(15);           // of the end that closed first: TIME-WAIT
  bool ecn = false;                                     // packets with data can be marked (RFC 3168)
  double undetected_corruption = 1.0 / 65'536;          // share of damaged packets that the checksum lets through
};

struct StreamCounters {
  std::uint64_t opened = 0;              // by open_stream
  std::uint64_t accepted = 0;            // and announced to a node
  std::uint64_t closed = 0;              // ends that closed normally
  std::uint64_t reset = 0;               // ends that were told of a reset
  std::uint64_t messages = 0;            // written by nodes, one per write_stream
  std::uint64_t segments = 0;            // sent with bytes of a stream
  std::uint64_t acknowledgements = 0;    // sent without data
  std::uint64_t packets = 0;             // carried by those segments
  std::uint64_t packets_again = 0;       // retransmissions among them
  std::uint64_t packets_lost = 0;        // by chance, or by a checksum
  std::uint64_t packets_cut = 0;         // by a partition
  std::uint64_t packets_overflowed = 0;  // by a full link, or its discipline
  std::uint64_t packets_marked = 0;      // by a discipline
  std::uint64_t packets_refused = 0;     // by a NAT or firewall, or to an address behind one that leads nowhere
  std::uint64_t payload_bytes = 0;       // arrived for the first time
  std::uint64_t duplicate_bytes = 0;     // arrived again
  std::uint64_t harmed_bytes = 0;        // got past the checksum
  std::uint64_t timeouts = 0;            // of retransmission

  void add(const StreamCounters& other) noexcept {
    opened += other.opened;
    accepted += other.accepted;
    closed += other.closed;
    reset += other.reset;
    messages += other.messages;
    segments += other.segments;
    acknowledgements += other.acknowledgements;
    packets += other.packets;
    packets_again += other.packets_again;
    packets_lost += other.packets_lost;
    packets_cut += other.packets_cut;
    packets_overflowed += other.packets_overflowed;
    packets_marked += other.packets_marked;
    packets_refused += other.packets_refused;
    payload_bytes += other.payload_bytes;
    duplicate_bytes += other.duplicate_bytes;
    harmed_bytes += other.harmed_bytes;
    timeouts += other.timeouts;
  }
  friend bool operator==(const StreamCounters&, const StreamCounters&) = default;
};

}  // namespace peerbed::sim
