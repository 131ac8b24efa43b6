#pragma once
// The congestion window of a stream: slow start, and congestion avoidance by Reno (RFC 5681) or CUBIC (RFC 9438). It
// counts bytes, in packets of 1460, so the size of the simulator's segments does not affect it.

#include <cstdint>

#include "protocols/environment/time.h"

namespace peerbed::sim {

enum class CongestionControl : std::uint8_t { cubic, reno };

class Congestion {
 public:
  static constexpr std::uint64_t packet = 1460;

  Congestion() = default;
  Congestion(CongestionControl control, std::uint64_t initial_window)
      : control_(control), window_(static_cast<double>(initial_window)), initial_window_(window_) {}

  std::uint64_t window() const noexcept { return static_cast<std::uint64_t>(window_); }
  bool is_in_slow_start() const noexcept { return window_ < threshold_; }

  // `bytes` bytes were acknowledged while the window was the limit, outside of recovery.
  void arrived(std::uint64_t bytes, Time now, Duration round_trip);
  // A loss was inferred from later arrivals. The reduction starts from the window, as in Linux, not from what is in
  // flight, which depends on how segments bunch. The window never grows beyond what is used.
  void lost();
  // The retransmission timer expired.
  void timed_out();
  // The sender was idle for this many timeouts: the window decays towards the initial one (RFC 2861, as Linux does).
  void idled(std::uint64_t timeouts);

 private:
  void reduce();
  void avoid_by_cubic(double packets, Time now, Duration round_trip);

  CongestionControl control_ = CongestionControl::cubic;
  double window_ = 10 * packet;  // bytes
  double initial_window_ = 10 * packet;
  double threshold_ = 1e18;  // slow start threshold, bytes
  // CUBIC, in packets and seconds; the names are RFC 9438's.
  double w_max_ = 0;
  double w_estimate_ = 0;  // the window that Reno would have
  double k_ = 0;
  double origin_ = 0;
  Time epoch_;
  bool in_epoch_ = false;
};

}  // namespace peerbed::sim
