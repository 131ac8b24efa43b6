#pragma once
// The retransmission timeout from measured round trips (RFC 6298, with the timestamps of RFC 7323).

#include <algorithm>

#include "protocols/environment/time.h"

namespace peerbed::sim {

class RoundTrip {
 public:
  void measured(Duration sample) noexcept {
    if (smoothed_ == Duration::zero()) {
      smoothed_ = sample;
      variation_ = sample / 2;
      return;
    }
    const Duration error = sample > smoothed_ ? sample - smoothed_ : smoothed_ - sample;
    variation_ = (3 * variation_ + error) / 4;
    smoothed_ = (7 * smoothed_ + sample) / 8;
  }
  bool is_known() const noexcept { return smoothed_ != Duration::zero(); }
  Duration smoothed() const noexcept { return smoothed_; }
  // Returns one second before the first measurement.
  Duration timeout(Duration minimum) const noexcept {
    if (!is_known()) return std::max<Duration>(minimum, std::chrono::seconds(1));
    return std::max(minimum, smoothed_ + std::max<Duration>(4 * variation_, std::chrono::milliseconds(1)));
  }

 private:
  Duration smoothed_{};
  Duration variation_{};
};

}  // namespace peerbed::sim
