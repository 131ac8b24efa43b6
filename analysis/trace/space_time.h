#pragma once
// The part of an event trace that a space-time diagram (Lamport 1978) shows: some of its steps, and what led to each.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "analysis/trace/event_trace.h"

namespace peerbed::analysis {

struct SpaceTimeStep {
  std::uint64_t event = 0;
  std::uint64_t cause = 0;  // 0: it came from outside, or the trace does not say
  std::int64_t time = 0;    // ns
  std::uint32_t node = 0;
  std::uint32_t source = nobody;     // who sent what arrived
  std::optional<std::int64_t> sent;  // ns, when the step that led to it is in reach
  RecordKind kind{};
  std::string label;  // what arrived or was due, and what the node reported of it
};

struct SpaceTime {
  std::int64_t from = 0;  // ns
  std::int64_t until = 0;
  std::string chosen;  // why just these, as a part of a sentence
  std::vector<SpaceTimeStep> steps;
  std::size_t of = 0;  // so many there were to choose from
};

constexpr std::size_t most_space_time_steps = 1500;

struct TimeWindow {
  std::int64_t from = 0;   // ns
  std::int64_t until = 0;  // exclusive
};

// The steps within the window; without one those of the slowest operation of the kind that was reported most often, at
// the nodes that had a part in it. Nothing when the trace has no such steps. Throws std::runtime_error for a file that
// is no trace; one that is cut short is used as far as it goes.
std::optional<SpaceTime> space_time_of(const std::string& file, const std::optional<TimeWindow>& window);

}  // namespace peerbed::analysis
