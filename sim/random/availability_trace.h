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
  static constexpr std::size_t maximum_intervals = 10'000'000;  // of all hosts together

  // Of each host, in order of time, apart from one another.
  std::vector<std::vector<UpInterval>> hosts;
};

// Lines of "id TAB k TAB start end start end ...", with k pairs in seconds from the trace's beginning; lines that are
// empty or begin with '#' do not count. Intervals that touch become one. Throws std::runtime_error of one sentence with
// file and line for what is not so: another number of pairs, an interval that is empty or overlaps the one before, a
// time that is no number between 0 and 1e9 s, an id twice, or more than the limits above.
AvailabilityTrace load_availability_trace(const std::string& path);

}  // namespace peerbed::sim
