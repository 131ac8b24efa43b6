#pragma once
// The part of an event trace that a space-time diagram (Lamport 1978) shows: some of its steps, and the cause of each.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "analysis/trace/event_trace.h"

namespace peerbed::analysis {

struct SpaceTimeStep {
  std::uint64_t event = 0;
  std::uint64_t cause = 0;  // 0: it came from outside, or the trace does not say
  std::int64_t time = 0;    // nanoseconds
  std::uint32_t node = 0;
  std::uint32_t source = nobody;     // the sender of what arrived
  std::optional<std::int64_t> sent;  // nanoseconds, if the step that caused it is in reach
  RecordKind kind{};
  std::uint16_t timer = 0;  // which, if it is one
  std::string label;        // what arrived or was due, and what the node reported about it
};

struct SpaceTime {
  std::int64_t from = 0;  // nanoseconds
  std::int64_t until = 0;
  std::string chosen;  // why these steps, as part of a sentence
  std::vector<SpaceTimeStep> steps;
  std::size_t of = 0;  // how many there were to choose from
};

constexpr std::size_t most_space_time_steps = 1500;

struct TimeWindow {
  std::int64_t from = 0;   // nanoseconds
  std::int64_t until = 0;  // exclusive
};

// The steps within the window. Without a window: the steps of the slowest operation, of the kind that was reported most
// often, at the nodes that took part in it, without timers that led to nothing. Nothing if the trace has no such steps.
// Throws std::runtime_error for a file that is not a trace; one that is cut short is used as far as it goes.
std::optional<SpaceTime> space_time_of(const std::string& file, const std::optional<TimeWindow>& window);

}  // namespace peerbed::analysis
