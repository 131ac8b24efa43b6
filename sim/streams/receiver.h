#pragma once
// The receiving side of one end of a stream: which bytes have arrived, in order and beyond gaps, how many its node has
// asked for, and which acknowledgement is owed to the peer, at once or later (RFC 9293, RFC 5681, RFC 2018). Offsets
// count the bytes of this direction; the FIN counts as one more byte at the end.
//
// It keeps the books and does not touch the network: its caller hands it every segment, asks owes_acknowledgement()
// after that and when due() has come, and then sends one that it has filled in.

#include <algorithm>
#include <cstdint>

#include "sim/streams/byte_ranges.h"
#include "sim/streams/segment.h"
#include "sim/streams/stream_options.h"

namespace peerbed::sim {

class Receiver {
 public:
  // Bytes of a segment that arrived for the first time, and those that had arrived before.
  struct Taken {
    std::uint64_t fresh = 0;
    std::uint64_t again = 0;
  };

  // Forgets all but its memory, for a new stream.
  void begin(const StreamOptions& options);

  // The node asked for this many more bytes: they make room for more when they arrive.
  void ask(std::uint64_t size) noexcept { asked_ += size; }
  // Takes what a segment carries and decides when to acknowledge it.
  Taken take(const Segment& segment, Time now, const StreamOptions& options);
  // Remembers when the segment was sent: the next acknowledgement repeats it (RFC 7323).
  void echo(const Segment& segment) noexcept;

  bool owes_acknowledgement() const noexcept { return acknowledges_now_; }
  void acknowledge_now() noexcept { acknowledges_now_ = true; }
  // Owes an acknowledgement if space was freed since the last one and the peer's window is nearly used up.
  void announce_space(const StreamOptions& options) noexcept;
  // How many acknowledgements the packets since the last one would have caused one by one, but at least one.
  std::uint32_t acknowledgements_owed(const StreamOptions& options) const noexcept {
    const std::uint32_t every = options.acknowledge_every;
    return std::max(1U, (unacknowledged_packets_ + every - 1) / every);
  }
  // Fills in the acknowledgement of a segment that leaves now. Nothing is owed after that.
  void put_acknowledgement(Segment& segment, const StreamOptions& options);

  // A delayed acknowledgement.
  Time due() const noexcept { return acknowledge_at_; }
  void wake(Time now) noexcept { acknowledges_now_ |= acknowledge_at_ <= now; }
  void stop_timer() noexcept { acknowledge_at_ = never; }

  std::uint64_t received() const noexcept { return received_; }  // everything below has arrived
  bool peer_finished() const noexcept { return received_ > peer_end_; }
  std::uint64_t peer_end() const noexcept { return peer_end_; }  // the position of the peer's FIN, once known
  // Everything below has arrived, not counting the FIN.
  std::uint64_t readable_end() const noexcept { return peer_finished() ? peer_end_ : received_; }
  // For digests.
  std::uint64_t asked() const noexcept { return asked_; }
  std::uint64_t advertised_end() const noexcept { return advertised_end_; }

 private:
  // Bytes that were asked for and have arrived make room for more.
  std::uint64_t window_end(const StreamOptions& options) const noexcept {
    return std::min(readable_end(), asked_) + options.receive_buffer;
  }
  std::uint64_t take_range(ByteRange range);

  ByteRanges early_;            // arrived beyond a gap
  std::uint64_t received_ = 0;  // everything below arrived
  std::uint64_t asked_ = 0;     // the node asked for everything below, so it takes no buffer space when it arrives
  std::uint64_t advertised_end_ = 0;
  std::uint64_t peer_end_ = UINT64_MAX;
  std::uint32_t unacknowledged_packets_ = 0;
  bool acknowledges_now_ = false;
  bool echoes_mark_ = false;  // until the sender has reacted
  std::uint8_t block_turn_ = 0;
  Time echo_ = never;
  Duration echo_spread_{};
  std::uint64_t answered_offset_ = 0;  // of the segment that arrived last, while there is a gap
  std::uint32_t answered_size_ = 0;
  std::uint64_t answered_lost_ = 0;
  Time acknowledge_at_ = never;
};

}  // namespace peerbed::sim
