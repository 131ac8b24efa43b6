#pragma once
// Metrics by time: a value for each of equal intervals, the same names and units as those of the whole run. A plain
// table, as timeline.csv in a run's folder has it (docs/file-formats.md).

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocols/environment/time.h"

namespace peerbed::analysis {

constexpr std::size_t maximum_intervals = 10'000;  // of one timeline

struct TimeSeries {
  std::string unit;  // "ns", "B", "B/s", "count", "share" or nothing
  // Value i is of the interval that begins i intervals after the run; absent where there was nothing to measure.
  std::vector<std::optional<double>> values;
};

struct Timeline {
  Duration interval{};
  std::map<std::string, TimeSeries> series;

  void set(const std::string& metric, std::size_t place, double value, std::string_view unit);
};

// The shortest of 1, 2, 5, 10, 20, 50 ... in which `length` is at most 200 intervals.
Duration sensible_interval(Duration length) noexcept;

// Comma-separated values with a header, seconds,metric,value,unit: by the intervals' beginning, then by metric.
std::string timeline_csv(const Timeline& timeline);

// What timeline_csv wrote, in intervals of that length; nothing when the text is none of it.
std::optional<Timeline> read_timeline(std::string_view csv, Duration interval);

}  // namespace peerbed::analysis
