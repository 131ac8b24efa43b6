#pragma once
// Ends a run that exceeds its limits: on events, on memory, and on events without progress of time.

#include <cstdint>
#include <optional>
#include <string>

#include "scenarios/backends/backend.h"

namespace peerbed::scenarios {

// For scenarios that set no limit: more than a day of computing.
constexpr std::uint64_t usual_event_limit = 100'000'000'000;

class RunLimits {
 public:
  // `sharers` runs share the memory of this machine.
  RunLimits(const Scenario& scenario, std::size_t sharers);

  // How many events may still happen.
  std::uint64_t events_left(const Backend& backend) const { return events_ - std::min(events_, backend.events()); }
  // Called from time to time: the limit that the run has exceeded, if any, in words.
  std::optional<std::string> outgrown(const Backend& backend);

 private:
  std::optional<std::string> is_standing_still(const Backend& backend);
  std::optional<std::string> takes_too_much(const Backend& backend) const;

  std::uint64_t events_;
  std::uint64_t instant_;
  std::uint64_t memory_;  // bytes; 0: unknown
  Time moved_;            // when time last advanced
  std::uint64_t events_when_moved_ = 0;
};

}  // namespace peerbed::scenarios
