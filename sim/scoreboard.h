#pragma once
// What a sender knows of the bytes it sent: which were acknowledged, selectively too, which are deemed lost, and how
// many are in flight (RFC 6675). Bytes are deemed lost when three packets' worth behind them have arrived, or all at
// once when the retransmission timer expires.

#include <cstdint>
#include <optional>

#include "sim/byte_ranges.h"

namespace peerbed::sim {

class Scoreboard {
 public:
  static constexpr std::uint64_t packet_payload = 1460;

  std::uint64_t first_unacknowledged() const noexcept { return acknowledged_; }  // SND.UNA in RFC 9293
  std::uint64_t next() const noexcept { return next_; }                          // SND.NXT
  std::uint64_t outstanding() const noexcept { return next_ - acknowledged_; }
  // "Pipe" in RFC 6675: sent, and neither arrived nor deemed lost; what was sent again counts.
  std::uint64_t in_flight() const noexcept {
    const std::uint64_t gone = selective_.bytes() + lost_ + departed_;
    return gone < outstanding() ? outstanding() - gone : 0;
  }
  std::uint64_t lost() const noexcept { return lost_; }  // and not sent again yet

  void sent(std::uint64_t end) noexcept { next_ = end; }
  void clear() noexcept {
    selective_.clear();
    acknowledged_ = next_ = lost_below_ = resent_below_ = lost_ = departed_ = 0;
  }
  // Everything below `end` arrived. Returns how many of these bytes were not known to have arrived.
  std::uint64_t acknowledge(std::uint64_t end);
  // These bytes arrived out of order. Returns how many of them are news.
  std::uint64_t acknowledge_selectively(ByteRange range);
  // Draws the conclusions of what arrived; true when more is lost.
  bool detect_losses();
  // All that did not arrive is lost, and is to be sent again from the beginning.
  void lose_all();
  // Of what is missing, some was deemed lost, whether or not it has been sent again.
  bool has_losses() const noexcept { return missing({acknowledged_, lost_below_}) > 0; }

  // The first packet that is missing is lost.
  void lose_first();
  // Without selective acknowledgements: so many bytes have left the network, whichever they are.
  void depart(std::uint64_t bytes) noexcept { departed_ += bytes; }
  void forget_departed() noexcept { departed_ = 0; }
  std::uint64_t departed() const noexcept { return departed_; }

  // The first bytes to be sent again, at most `limit`.
  std::optional<ByteRange> first_lost(std::uint64_t limit) const;
  void sent_again(ByteRange range);

  const ByteRanges& selective() const noexcept { return selective_; }

 private:
  // Bytes of the range that did not arrive, as far as is known.
  std::uint64_t missing(ByteRange range) const noexcept {
    return range.begin >= range.end ? 0 : range.size() - selective_.covered(range);
  }

  std::uint64_t acknowledged_ = 0;
  std::uint64_t next_ = 0;
  ByteRanges selective_;
  std::uint64_t lost_below_ = 0;    // what is missing below it is deemed lost,
  std::uint64_t resent_below_ = 0;  // and below this has been sent again: "HighRxt"
  std::uint64_t lost_ = 0;          // the missing bytes between the two
  std::uint64_t departed_ = 0;
};

}  // namespace peerbed::sim
