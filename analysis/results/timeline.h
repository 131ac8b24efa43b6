#pragma once
// Metrics over time: one value for each of equal intervals, with the names and units of the whole run's metrics. A
// plain table, stored as timeline.csv in a run's folder (docs/file-formats.md).

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
  // Value i belongs to the i-th interval after the start; absent if there was nothing to measure.
  std::vector<std::optional<double>> values;
};

struct Timeline {
  Duration interval{};
  std::map<std::string, TimeSeries> series;

  void set(const std::string& metric, std::size_t index, double value, std::string_view unit);
};

// The shortest of 1, 2, 5, 10, 20, 50 ... that divides `length` into at most 200 intervals.
Duration sensible_interval(Duration length) noexcept;

// Comma-separated values with a header, seconds,metric,value,unit, sorted by the intervals' beginning, then by metric.
std::string timeline_csv(const Timeline& timeline);

// Parses what timeline_csv wrote, with intervals of this length; nothing if the text is not valid.
std::optional<Timeline> read_timeline(std::string_view csv, Duration interval);

}  // namespace peerbed::analysis
