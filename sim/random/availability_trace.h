#pragma once
// When real hosts were up: availability traces in the formats in which they are published.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "protocols/environment/time.h"

namespace peerbed::sim {

struct UpInterval {
  Duration start{};  // since the trace's beginning
  Duration end{};    // later than start
  friend constexpr bool operator==(const UpInterval&, const UpInterval&) = default;
};

// The layouts of a trace file. Empty lines and those that begin with '#' are ignored in all of them.
enum class TraceFormat : std::uint8_t {
  avt,      // a host a line: "id TAB k TAB start end start end ...", with k pairs (Godfrey's repository of traces)
  csv,      // an interval a line: host, from and to, in columns that a first line may name, in any order
  overnet,  // a host a line: its name, and 1 or 0 for each probe that found it up or down (Bhagwan et al., 2003)
};

struct TraceLayout {
  TraceFormat format = TraceFormat::avt;
  Duration unit = std::chrono::seconds(1);     // of the times in an AVT or CSV file; above 0
  Duration period = std::chrono::minutes(20);  // between the probes of an Overnet file; above 0
};

// Times later than this are counted from the epoch, 1970, and not from the beginning of a study.
constexpr Duration longest_study = std::chrono::seconds(100'000'000);

struct AvailabilityTrace {
  static constexpr std::size_t maximum_hosts = 1'000'000;
  static constexpr std::size_t maximum_intervals = 10'000'000;  // summed over all hosts

  std::vector<std::string> names;              // of the hosts, in the order in which the file first names them
  std::vector<std::vector<UpInterval>> hosts;  // for each host, in order of time, disjoint and apart
  Duration end{};                              // of the last interval
  std::optional<Duration> epoch;               // what the trace's beginning is in the file, if it counts from 1970
  std::size_t joined = 0;                      // intervals that overlapped or met an earlier one of their host
  std::size_t empty = 0;                       // intervals without length, which are left out
};

// Reads a trace of this layout. A host's intervals may be in any order, overlap, repeat and be on several lines: those
// that overlap or meet become one. If no interval starts before longest_study, the earliest start is the trace's
// beginning. Throws std::runtime_error with one sentence that names file and line for anything else: an interval that
// ends before it starts, a time that is not a number from 0 to longest_duration, or more than the limits above.
AvailabilityTrace load_availability_trace(const std::string& path, const TraceLayout& layout = {});

// The part of a trace from `from` until `until`, both since its beginning, with all its times multiplied by `scale`
// after `from` has become the beginning. Throws std::invalid_argument unless from < until and scale > 0.
AvailabilityTrace excerpt_of(const AvailabilityTrace& trace, Duration from, Duration until, double scale = 1);

}  // namespace peerbed::sim
