#pragma once
// Measures and limits rates, in integers.

#include <algorithm>
#include <cstdint>
#include <tuple>

#include "protocols/environment/time.h"

namespace peerbed::swarm {

// The pace of a source while it has something to deliver: each new delivery counts an eighth.
class RateMeter {
 public:
  // `bytes` (at most 4 MiB) took `elapsed`.
  void add(std::uint64_t bytes, Duration elapsed) noexcept {
    bytes_ += bytes - bytes_ / 8;
    nanoseconds_ += static_cast<std::uint64_t>(std::max<std::int64_t>(elapsed.count(), 0)) - nanoseconds_ / 8;
  }
  bool is_known() const noexcept { return nanoseconds_ > 0; }
  // Bytes a second; 0 while unknown.
  std::uint64_t rate() const noexcept { return is_known() ? bytes_ * 125'000'000 / (nanoseconds_ / 8 + 1) : 0; }
  // How long so many bytes take at this pace; zero while unknown.
  Duration time_for(std::uint64_t bytes) const noexcept {
    const std::uint64_t pace = rate();
    if (!is_known()) return Duration{0};
    return Duration(static_cast<std::int64_t>(bytes * 1'000'000'000 / std::max<std::uint64_t>(pace, 1)));
  }
  auto fields() const { return std::tie(bytes_, nanoseconds_); }

 private:
  std::uint64_t bytes_ = 0;
  std::uint64_t nanoseconds_ = 0;
};

// A limit in bits a second: what is spent may run into debt, which time pays off; what is saved is bounded.
class TokenBucket {
 public:
  explicit TokenBucket(std::uint64_t bits_per_second = 0) : bits_per_second_(bits_per_second) {}

  bool is_limited() const noexcept { return bits_per_second_ != 0; }
  bool may_spend(Time now) noexcept {
    refill(now);
    return !is_limited() || nanobits_ > 0;
  }
  void spend(std::uint64_t bytes) noexcept {
    if (is_limited()) nanobits_ -= static_cast<std::int64_t>(bytes) * 8 * 1'000'000'000;
  }
  void restore(std::uint64_t bytes) noexcept {
    if (is_limited()) nanobits_ += static_cast<std::int64_t>(bytes) * 8 * 1'000'000'000;
  }
  // How long until something may be spent.
  Duration wait() const noexcept {
    if (!is_limited() || nanobits_ > 0) return Duration{0};
    return Duration(-nanobits_ / static_cast<std::int64_t>(bits_per_second_) + 1);
  }
  auto fields() const { return std::tie(bits_per_second_, nanobits_, filled_); }
  // What of it can matter later, in a check (check/canonical/canonical_form.h).
  template <class Form>
  void write_canonical(Form& form) const {
    if (is_limited()) form.add(fields());
  }

 private:
  static constexpr std::int64_t longest_saving = 5'000'000;  // ns; more than a timer is late

  void refill(Time now) noexcept {
    if (!is_limited()) return;
    __extension__ using Wide = __int128;
    const Wide earned = static_cast<Wide>((now - filled_).count()) * bits_per_second_;
    const Wide most = static_cast<Wide>(longest_saving) * bits_per_second_;
    filled_ = now;
    nanobits_ = static_cast<std::int64_t>(std::min(nanobits_ + earned, most));
  }

  std::uint64_t bits_per_second_;
  std::int64_t nanobits_ = 0;
  Time filled_{};
};

}  // namespace peerbed::swarm
