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
  // The timer fired. Returns how long this host stood still meanwhile, during which nobody else was late; zero if it
  // did not. Negative if its clock was set back: what seemed a pause before may have been a clock set forward.
  [[nodiscard]] Duration beat(Time now) noexcept {
    beating_ = false;
    const Duration late = now - last_ - period;
    return late < shortest_pause && late > -shortest_pause ? Duration{0} : late;
  }
  Time last() const noexcept { return last_; }          // when the timer was set last
  void show_last(Time last) noexcept { last_ = last; }  // in a mirror (InspectableNode)

  auto fields() const { return std::tie(last_, beating_); }

 private:
  Time last_{};  // when operations were looked after last, or were to be from then on
  bool beating_ = false;
};

}  // namespace peerbed::swarm
