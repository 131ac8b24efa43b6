#pragma once
// When timers fire, and what a message says of the time for which it has been under way.

#include <cstddef>
#include <cstdint>

#include "check/nodes/node_options.h"
#include "host/node_index.h"

namespace peerbed::check {

template <class N>
bool may_fire(const NodeOptions<N>& options, std::uint32_t timer, bool is_due, bool is_quiet) noexcept {
  if (options.clock == Clock::ticks) return is_due;
  return options.clock == Clock::hasty || is_quiet || !options.is_deadline[timer];
}

// Of a message that has been under way while a timer of a node fired, or, with the number N::timer_count, it started.
template <class N>
constexpr std::uint64_t age_bit(NodeIndex node, std::size_t what) noexcept {
  return std::uint64_t{1} << (node * (N::timer_count + 1) + what);
}

}  // namespace peerbed::check
