#pragma once
// A segment of a stream in flight: its header, and the range of bytes it carries. The bytes themselves are in the pipe
// of the end that will read them.

#include <array>
#include <cstdint>

#include "protocols/environment/stream.h"
#include "protocols/environment/time.h"
#include "sim/network/network.h"
#include "sim/streams/byte_ranges.h"
#include "sim/streams/end_ref.h"

namespace peerbed::sim {

constexpr Time never = Time::max();

enum SegmentFlag : std::uint8_t {
  segment_synchronises = 1,  // SYN
  segment_acknowledges = 2,  // ACK
  segment_finishes = 4,      // FIN, after the last byte
  segment_resets = 8,        // RST
  segment_probes = 16,       // requests an acknowledgement, as a zero-window probe does
  segment_marked = 32,       // CE: a queue marked it instead of dropping it (RFC 3168)
  segment_echoes_mark = 64,  // ECE: marked segments have arrived
  segment_reduced = 128,     // CWR: the sender has reacted
};

struct Segment {
  static constexpr std::uint32_t packet_payload = 1460;  // of each packet but the last
  // The size of the IP and TCP headers in bytes.
  static constexpr std::uint32_t packet_header(AddressFamily family) noexcept {
    return family == AddressFamily::ipv6 ? 60 : 40;
  }
  static constexpr std::uint32_t maximum_blocks = 3;

  EndRef to;  // not known to the opener before it has heard of the other end
  EndRef from;
  std::uint8_t flags = 0;
  std::uint8_t packets = 1;
  std::uint8_t block_count = 0;
  std::uint8_t side : 1 = 0;         // 1: to the end that accepted the stream, 0: to the one that opened it
  std::uint8_t is_listened : 1 = 0;  // of a SYN: sent to the port at which hosts take streams
  std::uint32_t size = 0;            // bytes of the stream
  std::uint32_t wire_size = 0;
  LinkIndex link = no_link;        // the next backbone link
  std::uint64_t offset = 0;        // of the first byte
  std::uint64_t acknowledged = 0;  // in the other direction, everything below has arrived
  std::uint64_t window_end = 0;    // the sender may not send bytes from here on yet
  Time sent;
  Time echo;               // when the segment that this one acknowledges was sent
  Duration echo_spread{};  // and the time from that segment's first packet to its last
  Passage passage;
  // Selective acknowledgement: the packets of the burst that this segment answers, and other ranges above
  // `acknowledged`.
  std::uint64_t answered_offset = 0;
  std::uint32_t answered_size = 0;
  StreamId sender;  // of a SYN: the sender's name for the stream
  std::uint64_t answered_lost = 0;
  std::array<ByteRange, maximum_blocks> blocks;
};

// The number of packets that carry this many bytes.
constexpr std::uint32_t packets_of(std::uint32_t size) noexcept {
  return (size + Segment::packet_payload - 1) / Segment::packet_payload;
}

// Calls visit(range) for each run of packets of a burst whose bit in `lost` is 0. `size` may count a FIN.
template <class Visit>
void for_each_run(std::uint64_t offset, std::uint64_t size, std::uint32_t packets, std::uint64_t lost, Visit&& visit) {
  if (lost == 0) return visit(ByteRange{offset, offset + size});
  const auto begin_of = [&](std::uint32_t packet) {
    return packet >= packets ? offset + size : offset + std::uint64_t{packet} * Segment::packet_payload;
  };
  for (std::uint32_t packet = 0; packet < packets;) {
    if ((lost >> packet & 1) != 0) {
      ++packet;
      continue;
    }
    const std::uint32_t first = packet;
    while (packet < packets && (lost >> packet & 1) == 0) ++packet;
    visit(ByteRange{begin_of(first), begin_of(packet)});
  }
}

}  // namespace peerbed::sim
