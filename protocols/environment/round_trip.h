#pragma once
// How long answers take, and so how long to wait for one: the retransmission timeout of RFC 6298.

#include <algorithm>
#include <cstdint>
#include <tuple>

#include "protocols/environment/time.h"

namespace peerbed {

// A round trip, smoothed, and its variation (RFC 6298, section 2), in microseconds. Eight bytes.
class RoundTrip {
 public:
  bool known() const noexcept { return mean_ != 0; }
  void note(Duration sample) noexcept {
    const std::int64_t measured = to_microseconds(sample);
    if (!known()) {
      mean_ = static_cast<std::uint32_t>(measured);
      variation_ = mean_ / 2;
      return;
    }
    const std::int64_t difference = measured - std::int64_t{mean_};
    const std::int64_t deviation = difference < 0 ? -difference : difference;
    variation_ = static_cast<std::uint32_t>(std::int64_t{variation_} + (deviation - std::int64_t{variation_}) / 4);
    mean_ = static_cast<std::uint32_t>(std::max<std::int64_t>(std::int64_t{mean_} + difference / 8, 1));
  }
  Duration mean() const noexcept { return std::chrono::microseconds(mean_); }
  // The mean and four variations, and at least half the mean more: a variation that has dwindled to nothing on a
  // steady path still leaves room for the first late answer.
  Duration timeout() const noexcept {
    const std::uint64_t room = std::max<std::uint64_t>(4ULL * variation_, mean_ / 2);
    return std::chrono::microseconds(mean_ + room);
  }

  auto fields() const { return std::tie(mean_, variation_); }

 private:
  static std::uint32_t to_microseconds(Duration duration) noexcept {
    const auto count = std::chrono::ceil<std::chrono::microseconds>(duration).count();
    return static_cast<std::uint32_t>(std::clamp<std::int64_t>(count, 1, UINT32_MAX));
  }

  std::uint32_t mean_ = 0;  // 0: nothing was measured
  std::uint32_t variation_ = 0;
};

}  // namespace peerbed
