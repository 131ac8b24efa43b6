#pragma once
// Time as nodes and hosts know it: integer nanoseconds since the world (or the process) started.

#include <chrono>
#include <cstdint>

namespace peerbed {

using Duration = std::chrono::nanoseconds;

// The clock that a host gives to its nodes. It has no now(): time is an input, and stands still during a handler.
struct HostClock {
  using duration = Duration;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<HostClock, duration>;
  static constexpr bool is_steady = true;
};

using Time = HostClock::time_point;

constexpr Time time_zero{};

constexpr std::int64_t nanoseconds_since_start(Time time) noexcept { return time.time_since_epoch().count(); }

}  // namespace peerbed
