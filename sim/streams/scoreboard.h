#pragma once
// What a sender knows about the bytes it sent: which were acknowledged, including selectively, which are deemed lost,
// and how many are in flight. Bytes are deemed lost when something sent later has arrived (RACK, RFC 8985), or all at
// once when the retransmission timer expires.

#include <cstdint>
#include <optional>

#include "protocols/environment/time.h"
#include "sim/core/ring_buffer.h"
#include "sim/streams/byte_ranges.h"

namespace peerbed::sim {

class Scoreboard {
 public:
  static constexpr std::uint64_t packet_payload = 1460;

  std::uint64_t first_unacknowledged() const noexcept { return acknowledged_; }  // SND.UNA in RFC 9293
  std::uint64_t next() const noexcept { return next_; }                          // SND.NXT
  std::uint64_t outstanding() const noexcept { return next_ - acknowledged_; }
  std::uint64_t lost() const noexcept { return lost_.bytes(); }  // and not yet retransmitted
  // Sent, and neither arrived nor deemed lost; includes retransmissions.
  std::uint64_t in_flight() const noexcept {
    const std::uint64_t gone = selective_.bytes() + lost_.bytes() + departed_;
    return gone < outstanding() ? outstanding() - gone : 0;
  }

  // Records that new bytes up to `end`, or lost ones again, were sent.
  void sent(std::uint64_t end, Time now);
  void sent_again(ByteRange range, Time now);
  // Everything below `end` arrived. Returns how many of these bytes are newly acknowledged.
  std::uint64_t acknowledge(std::uint64_t end);
  // These bytes arrived out of order. Returns how many of them are newly acknowledged.
  std::uint64_t acknowledge_selectively(ByteRange range);

  // Something sent at `sent` has arrived; of what was sent at that instant, nothing beyond `end` has.
  void arrived(Time sent, std::uint64_t end, Time now) noexcept;
  // Deems missing bytes lost if they were sent before something that arrived and are late by `patience`. Returns when
  // the next bytes will be deemed lost; Time::max() if there are none.
  Time detect_losses(Time now, Duration patience);
  // Whether bytes deemed lost are still unacknowledged.
  bool has_losses() const noexcept { return lost_below_ > acknowledged_; }
  // More than two packets' worth arrived beyond a gap: more than mere reordering.
  bool has_wide_gap() const noexcept { return selective_.bytes() > 2 * packet_payload; }
  // Deems everything that did not arrive lost.
  void lose_all();
  // Deems the first missing packet lost.
  void lose_first();
  // Without selective acknowledgements: this many bytes have left the network, whichever they are.
  void depart(std::uint64_t bytes) noexcept { departed_ += bytes; }
  void forget_departed() noexcept { departed_ = 0; }
  std::uint64_t departed() const noexcept { return departed_; }

  // The first bytes to retransmit, at most `limit`.
  std::optional<ByteRange> first_lost(std::uint64_t limit) const;

  // Hints that an acknowledgement follows soon.
  void prefetch() const noexcept { log_.prefetch(); }
  void clear();

 private:
  struct Transmission {
    ByteRange range;
    Time sent;
  };
  void lose(ByteRange range);

  std::uint64_t acknowledged_ = 0;
  std::uint64_t next_ = 0;
  ByteRanges selective_;
  ByteRanges lost_;
  RingBuffer<Transmission> log_;  // in order of time; entries that arrived or are lost leave from the front
  Time newest_;                   // when the most recently sent of the arrived bytes were sent
  std::uint64_t newest_end_ = 0;  // and the offset where they end
  Duration round_trip_{};         // their round trip
  std::uint64_t lost_below_ = 0;  // nothing from here on was deemed lost
  std::uint64_t departed_ = 0;
};

}  // namespace peerbed::sim
