#pragma once
// What a sender knows of the bytes it sent: which were acknowledged, also selectively, which are deemed lost, and how
// many are in flight. Bytes are deemed lost when something sent later has arrived (RACK, RFC 8985), or all at once when
// the retransmission timer expires.

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
  std::uint64_t lost() const noexcept { return lost_.bytes(); }  // and not sent again yet
  // Sent, and neither arrived nor deemed lost; what was sent again counts.
  std::uint64_t in_flight() const noexcept {
    const std::uint64_t gone = selective_.bytes() + lost_.bytes() + departed_;
    return gone < outstanding() ? outstanding() - gone : 0;
  }

  // New bytes up to `end`, or lost ones again.
  void sent(std::uint64_t end, Time now);
  void sent_again(ByteRange range, Time now);
  // Everything below `end` arrived. Returns how many of these bytes were not known to have arrived.
  std::uint64_t acknowledge(std::uint64_t end);
  // These bytes arrived out of order. Returns how many of them are news.
  std::uint64_t acknowledge_selectively(ByteRange range);

  // Something that was sent at `sent` has arrived, and nothing behind `end` of what was sent just then.
  void arrived(Time sent, std::uint64_t end, Time now) noexcept;
  // What is missing and was sent before something that arrived is lost, when it is late by `patience`. Returns when the
  // next of it will be; Time::max() when there is no such thing.
  Time detect_losses(Time now, Duration patience);
  // Something that was deemed lost has not been acknowledged with all before it.
  bool has_losses() const noexcept { return lost_below_ > acknowledged_; }
  // More than two packets' worth arrived behind a gap: that is no mere change of order.
  bool has_wide_gap() const noexcept { return selective_.bytes() > 2 * packet_payload; }
  // All that did not arrive is lost.
  void lose_all();
  // The first packet that is missing is lost.
  void lose_first();
  // Without selective acknowledgements: so many bytes have left the network, whichever they are.
  void depart(std::uint64_t bytes) noexcept { departed_ += bytes; }
  void forget_departed() noexcept { departed_ = 0; }
  std::uint64_t departed() const noexcept { return departed_; }

  // The first bytes to be sent again, at most `limit`.
  std::optional<ByteRange> first_lost(std::uint64_t limit) const;

  // A hint that an acknowledgement follows soon.
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
  RingBuffer<Transmission> log_;  // in order of time; what arrived or is lost goes from its front
  Time newest_;                   // when the latest of what arrived was sent,
  std::uint64_t newest_end_ = 0;  // and where it ends
  Duration round_trip_{};         // of that
  std::uint64_t lost_below_ = 0;  // nothing from here on was deemed lost
  std::uint64_t departed_ = 0;
};

}  // namespace peerbed::sim
