#pragma once
// What the timers of a node are for, so that a checker can let them fire in any order that makes sense, and a scenario
// can name them. A node type says it in `static constexpr std::array<TimerType, timer_count> timers`; without it a
// checker takes every timer for a period.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace peerbed {

enum class TimerUse : std::uint8_t {
  period,    // something is done again and again, whatever others do
  patience,  // an answer is overdue: where silence means death, it fires only when no answer is under way
};

struct TimerType {
  std::string_view name;
  TimerUse use = TimerUse::period;
};

template <class N>
concept TimerNamingNode = requires {
  N::timers[0].name;
};

// Nothing is known of a timer of a node that does not say.
template <class N>
constexpr TimerType timer_type(std::size_t timer) noexcept {
  if constexpr (TimerNamingNode<N>)
    return N::timers[timer];
  else
    return {};
}

}  // namespace peerbed
