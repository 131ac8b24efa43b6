#pragma once
// One named timer of a node: when it is due, and when the host's queue will wake it. Postponing a timer queues nothing:
// the entry already queued finds it not due yet and moves on. So a timer has at most one live entry.

#include <cstdint>

namespace peerbed {

struct TimerSlot {
  static constexpr std::int64_t unset = -1;
  std::int64_t due = unset;     // nanoseconds since the host's start
  std::int64_t queued = unset;  // nanoseconds since the host's start

  // Returns whether the queue must be told to wake it at `when`.
  constexpr bool set(std::int64_t when) noexcept {
    due = when;
    if (queued != unset && queued <= when) return false;
    queued = when;
    return true;
  }
  constexpr void cancel() noexcept { due = unset; }

  enum class Wake : std::uint8_t {
    nothing,      // it was cancelled, or this entry was replaced by an earlier one
    queue_again,  // it was postponed: the queue must be told to wake it at `due`
    fire,
  };
  // What to do when the queue's entry for `when` comes up.
  constexpr Wake wake(std::int64_t when) noexcept {
    if (queued != when) return Wake::nothing;
    queued = unset;
    if (due == unset) return Wake::nothing;
    if (due > when) {
      queued = due;
      return Wake::queue_again;
    }
    due = unset;
    return Wake::fire;
  }
};

}  // namespace peerbed
