#pragma once
// When real hosts were up: availability traces in the AVT format of Godfrey's repository.

#include <string>
#include <vector>

#include "protocols/environment/time.h"

namespace peerbed::sim {

struct UpInterval {
  Duration start{};  // since the trace's beginning
  Duration end{};    // later than start
  friend constexpr bool operator==(const UpInterval&, const UpInterval&) = default;
};

struct AvailabilityTrace {
  static constexpr std::size_t maximum_hosts = 1'000'000;
  static constexpr std::size_t maximum_intervals = 10'000'000;  // summed over all hosts

  // For each host, in order of time, disjoint.
  std::vector<std::vector<UpInterval>> hosts;
};

// Reads lines of "id TAB k TAB start end start end ...", with k pairs in seconds from the trace's beginning; ignores
// empty lines and lines that begin with '#'. Intervals that touch become one. Throws std::runtime_error with one
// sentence that names file and line for anything else: a wrong number of pairs, an interval that is empty or overlaps
// the one before, a time that is not a number between 0 and 1e9 s, a repeated id, or more than the limits above.
AvailabilityTrace load_availability_trace(const std::string& path);

}  // namespace peerbed::sim
