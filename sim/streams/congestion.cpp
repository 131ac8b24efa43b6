#include "sim/streams/congestion.h"

#include <algorithm>

#include "sim/random/exact_math.h"

namespace peerbed::sim {

namespace {

constexpr double packet_size = Congestion::packet;
constexpr double cubic_c = 0.4;
constexpr double cubic_beta = 0.7;

double seconds(Duration duration) { return static_cast<double>(duration.count()) * 1e-9; }

}  // namespace

void Congestion::arrived(std::uint64_t bytes, Time now, Duration round_trip) {
  auto rest = static_cast<double>(bytes);
  if (is_in_slow_start()) {
    const double grown = std::min(rest, threshold_ - window_);
    window_ += grown;
    rest -= grown;
  }
  if (rest <= 0) return;
  if (control_ == CongestionControl::reno)
    window_ += packet_size * rest / window_;
  else
    avoid_by_cubic(rest / packet_size, now, round_trip);
}

void Congestion::avoid_by_cubic(double packets, Time now, Duration round_trip) {
  double window = window_ / packet_size;
  if (!in_epoch_) {
    in_epoch_ = true;
    epoch_ = now;
    w_estimate_ = window;
    origin_ = std::max(w_max_, window);
    k_ = window < w_max_ ? exact::pow((w_max_ - window) / cubic_c, 1.0 / 3) : 0;
  }
  const double t = seconds(now - epoch_ + round_trip) - k_;
  const double target = std::clamp(origin_ + cubic_c * t * t * t, window, 1.5 * window);
  // Grows as fast as Reno with this beta would, up to the window of the last loss; from there as fast as Reno itself.
  const double alpha = w_estimate_ < w_max_ ? 3 * (1 - cubic_beta) / (1 + cubic_beta) : 1;
  w_estimate_ += alpha * packets / window;
  window = std::max(window + (target - window) / window * packets, w_estimate_);
  window_ = window * packet_size;
}

void Congestion::reduce() {
  if (control_ == CongestionControl::reno) {
    threshold_ = std::max(window_ / 2, 2 * packet_size);
    return;
  }
  const double window = window_ / packet_size;
  w_max_ = window < w_max_ ? window * (1 + cubic_beta) / 2 : window;  // fast convergence
  threshold_ = std::max(window_ * cubic_beta, 2 * packet_size);
  in_epoch_ = false;
}

void Congestion::lost() {
  reduce();
  window_ = threshold_;
}

void Congestion::timed_out() {
  reduce();
  window_ = packet_size;
}

void Congestion::idled(std::uint64_t timeouts) {
  if (timeouts == 0) return;
  threshold_ = std::max(threshold_, 0.75 * window_);
  for (std::uint64_t i = 0; i < timeouts && window_ > initial_window_; ++i)
    window_ = std::max(window_ / 2, initial_window_);
  in_epoch_ = false;
}

}  // namespace peerbed::sim
