#pragma once
// The sending side of one end of a stream: what may be sent, by the congestion window, the peer's window and what was
// lost, and when its timers are due (RFC 9293, RFC 5681, RFC 6298, RFC 6675, RFC 8985). Offsets count the bytes of this
// direction; the FIN counts as one more byte at the end.
//
// It decides and keeps the books, and does not touch the network: its caller sends every transmission that it returns,
// tells it of every acknowledgement, and calls it when a timer is due.

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>

#include "sim/streams/byte_ranges.h"
#include "sim/streams/congestion.h"
#include "sim/streams/round_trip.h"
#include "sim/streams/scoreboard.h"
#include "sim/streams/segment.h"
#include "sim/streams/stream_options.h"

namespace peerbed::sim {

class Sender {
 public:
  struct Transmission {
    ByteRange range;
    bool is_again = false;  // these bytes were sent before
  };
  // How far a stream can be sent at the moment, apart from the windows.
  struct Limits {
    std::uint64_t written = 0;        // the end of the bytes
    std::uint64_t last = 0;           // the same, with the FIN if it may be sent
    std::uint64_t burst = 0;          // the most bytes at once: see burst_size()
    std::uint64_t path = UINT64_MAX;  // what the links take at once; 0: packets one by one
  };
  // What an expired retransmission timer calls for.
  enum class Expiry : std::uint8_t {
    tail_loss_probe,  // send probe(), then restart_timer()
    window_probe,     // ask whether the peer's window is open again, then restart_timer()
    timeout,          // everything outstanding counts as lost: restart_timer(), and it is sent again
  };

  // Forgets all but its memory, for a stream whose handshake begins now.
  void begin(const StreamOptions& options, Time now);

  // Handshake. Its timer runs until it is finished, unless it was never started.
  void start_handshake_timer(Time now, const StreamOptions& options) noexcept {
    retransmit_at_ = now + round_trip_.timeout(options.minimum_timeout);
  }
  // The timer expired, and the SYN is sent again.
  void back_off_handshake(Time now, const StreamOptions& options) noexcept;
  // `echo` is when the SYN that was answered was sent; never if it is not known.
  void finish_handshake(Time echo, Time now) noexcept;

  // Sending. First call prepare(), which returns false if there is nothing to do; then next_transmission() until there
  // is none.
  bool prepare(std::uint64_t last, Time now, const StreamOptions& options);
  bool has_to_send(std::uint64_t last) const noexcept { return board_.next() < last || board_.lost() > 0; }
  // A segment is a burst of at most an eighth of the window, so that acknowledgements return steadily, as they would
  // for single packets. If the window is not the limit, nothing waits for it. `path_limit` is what the links take.
  std::uint64_t burst_size(std::uint64_t last, std::uint64_t path_limit, const StreamOptions& options) const noexcept;
  std::optional<Transmission> next_transmission(const Limits& limits, Time now, const StreamOptions& options);

  // A segment acknowledges what arrived. `last` is the end of what the node wrote, with the FIN if it has closed.
  void take_acknowledgement(const Segment& segment, std::uint64_t last, Time now, const StreamOptions& options);
  // Whether it has reacted to a mark since it last said so, which it does with the next bytes that are new.
  bool take_reduced() noexcept { return std::exchange(has_reduced_, false); }
  // The peer's window reaches at least so far.
  void widen_window(std::uint64_t end) noexcept { peer_window_end_ = std::max(peer_window_end_, end); }

  // Timers.
  Time due() const noexcept { return std::min(retransmit_at_, lost_at_); }
  bool is_timed() const noexcept { return retransmit_at_ != never; }  // the retransmission timer runs
  bool is_expired(Time now) const noexcept { return retransmit_at_ <= now; }
  Expiry expire();
  // The timer runs while something is outstanding, and while a closed window holds back written data (RFC 9293).
  void restart_timer(std::uint64_t last, Time now, const StreamOptions& options);
  // The last packet again, or a new one if there is any and `may_be_new`: a tail loss probe (RFC 8985, section 7).
  Transmission probe(std::uint64_t last, bool may_be_new, Time now);
  // Deems lost what has been missing for too long by now.
  void wake(Time now) {
    if (lost_at_ <= now) detect_losses(now);
  }
  // For how long nothing has been acknowledged while something was outstanding, or the handshake has lasted.
  Duration silence(Time now) const noexcept { return now - progress_at_; }
  void stop_timers() noexcept { retransmit_at_ = lost_at_ = never; }

  std::uint64_t first_unacknowledged() const noexcept { return board_.first_unacknowledged(); }
  std::uint64_t next() const noexcept { return board_.next(); }  // the offset of the first byte never sent
  void prefetch() const noexcept { board_.prefetch(); }
  // For digests.
  std::uint64_t window() const noexcept { return congestion_.window(); }
  std::uint64_t peer_window_end() const noexcept { return peer_window_end_; }
  std::uint8_t backoff() const noexcept { return backoff_; }
  Time retransmit_at() const noexcept { return retransmit_at_; }

 private:
  void detect_losses(Time now);
  void reduce_for_mark();
  void take_selective(const Segment& segment, std::uint64_t& news, std::uint64_t& highest);
  void recover_by_duplicates(std::uint64_t in_order, LossRecovery recovery);
  void back_off() noexcept { backoff_ = static_cast<std::uint8_t>(std::min(backoff_ + 1, 20)); }

  Congestion congestion_;
  RoundTrip round_trip_;
  Scoreboard board_;
  std::uint64_t peer_window_end_ = 0;
  std::uint64_t recovery_end_ = 0;
  std::uint64_t reduced_until_ = 0;  // a mark has reduced the window for what was sent below
  bool has_reduced_ = false;         // and the peer is to be told
  bool recovers_ = false;            // until recovery_end_ is acknowledged
  bool after_timeout_ = false;       // in this recovery the window grows
  bool window_limited_ = false;      // when it last sent
  std::uint8_t backoff_ = 0;         // timeouts in a row
  std::uint32_t duplicates_ = 0;     // consecutive acknowledgements of nothing new
  Time last_sent_ = never;
  Time
      progress_at_;  // when the last acknowledgement arrived, or when sending resumed after everything was acknowledged
  Time retransmit_at_ = never;
  bool retransmit_probes_ = false;  // the timer is for a tail loss probe, not for a timeout
  bool has_probed_ = false;         // since the last progress
  Time lost_at_ = never;            // when missing bytes count as lost rather than overtaken
};

}  // namespace peerbed::sim
