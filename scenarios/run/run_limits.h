#pragma once
// Ends a run that exceeds its limits: on events, on memory, and on events without any progress of time.

#include <cstdint>
#include <optional>
#include <string>

#include "scenarios/backends/backend.h"

namespace peerbed::scenarios {

// Of runs whose scenario names none: more than a day of computing.
constexpr std::uint64_t usual_event_limit = 100'000'000'000;

class RunLimits {
 public:
  // This many runs share the memory of this machine.
  RunLimits(const Scenario& scenario, std::size_t sharers);

  // How many events may still happen.
  std::uint64_t events_left(const Backend& backend) const { return events_ - std::min(events_, backend.events()); }
  // Asked now and then: in words, which limit the run has exceeded, if any.
  std::optional<std::string> outgrown(const Backend& backend);

 private:
  std::optional<std::string> is_standing_still(const Backend& backend);
  std::optional<std::string> takes_too_much(const Backend& backend) const;

  std::uint64_t events_;
  std::uint64_t instant_;
  std::uint64_t memory_;  // bytes; 0: unknown
  Time moved_;            // when time was last seen to have moved on
  std::uint64_t events_when_moved_ = 0;
};

}  // namespace peerbed::scenarios
