#pragma once
// The beat at which operations in progress are looked after: pulse_timer, which runs while anything is under way.

#include <chrono>
#include <tuple>

#include "protocols/swarm/link/context.h"

namespace peerbed::swarm {

class Pulse {
 public:
  static constexpr Duration period = std::chrono::milliseconds(100);
  static constexpr Duration shortest_pause = std::chrono::seconds(1);  // a pulse that is so late tells of one

  // Something is under way: the timer runs from now on, until it fires.
  void wake(const Context& context) {
    if (beating_) return;
    beating_ = true;
    last_ = context.now();
    context.environment.set_timer(pulse_timer, period);
  }
  // Something came. Returns how long this host stood still before it, during which nobody else was late; zero if it did
  // not. Negative if its clock was set back: what seemed a pause before may have been a clock set forward. Whatever
  // comes first after a pause is to tell of it, before its own time is noted: that is later than the pause.
  [[nodiscard]] Duration notice(Time now) noexcept {
    const Duration late = now - last_ - period;
    if (!beating_ || (late < shortest_pause && late > -shortest_pause)) return Duration{0};
    last_ += late;
    return late;
  }
  void beat() noexcept { beating_ = false; }            // the timer fired
  Time last() const noexcept { return last_; }          // when the timer was set last
  void show_last(Time last) noexcept { last_ = last; }  // in a mirror (InspectableNode)

  auto fields() const { return std::tie(last_, beating_); }

 private:
  Time last_{};  // when operations were looked after last, or were to be from then on
  bool beating_ = false;
};

}  // namespace peerbed::swarm
