#pragma once
// The congestion window of a stream: slow start, and congestion avoidance by Reno (RFC 5681) or CUBIC (RFC 9438). It
// counts bytes, in packets of 1460, so the size of the simulator's segments makes no difference to it.

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

  // So many bytes arrived while the window was the limit, and nothing was being recovered.
  void arrived(std::uint64_t bytes, Time now, Duration round_trip);
  // A loss was noticed by what arrived behind it. The window is reduced from what it was, as Linux does: what is in
  // flight just then depends on how segments bunch. It never grew beyond what was used.
  void lost();
  // The retransmission timer expired.
  void timed_out();
  // Nothing was sent for so long, in timeouts: the window decays towards the initial one (RFC 2861, as Linux does).
  void idled(std::uint64_t timeouts);

 private:
  void reduce();
  void avoid_by_cubic(double packets, Time now, Duration round_trip);

  CongestionControl control_ = CongestionControl::cubic;
  double window_ = 10 * packet;  // bytes
  double initial_window_ = 10 * packet;
  double threshold_ = 1e18;  // of slow start, bytes
  // CUBIC, in packets and seconds; the names are RFC 9438's.
  double w_max_ = 0;
  double w_estimate_ = 0;  // what Reno would have
  double k_ = 0;
  double origin_ = 0;
  Time epoch_;
  bool in_epoch_ = false;
};

}  // namespace peerbed::sim
