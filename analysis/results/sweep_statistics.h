#pragma once
// A sweep's metrics point by point: each summed up over its seeds, with an interval, and against the first point by the
// seeds that both have.

#include <ostream>
#include <vector>

#include "analysis/results/sweep_results.h"
#include "analysis/statistics/statistics.h"

namespace peerbed::analysis {

// How much more the mean is than another; relative to that one, where it is not zero.
struct Change {
  std::size_t pairs = 0;  // of values with one seed; 0: the samples are taken for independent
  double difference = 0;
  Interval interval{};
  double base = 0;  // the mean that it is a change of

  bool has_relative() const noexcept { return base != 0; }
  double relative(double difference_in_unit) const noexcept { return difference_in_unit / (base < 0 ? -base : base); }
};

// From a to b: paired where at least two seeds are in both. Neither is empty.
Change change_between(const Samples& a, const Samples& b, const Bootstrap& bootstrap = {});

struct PointStatistics {
  Summary summary;
  Interval interval;  // of the mean
  std::optional<Change> change;
};

// One for each point; with no summary where the point has no such metric, and no change where either has not.
std::vector<PointStatistics> statistics_of(const MetricSamples& metric, const Bootstrap& bootstrap = {});

// Whether it has but one value, wherever it is.
bool is_constant(const MetricSamples& metric);

// One row for each point and metric: parameters, metric, unit, better, runs, mean, mean_low, mean_high, deviation,
// minimum, p10, median, p90, maximum, pairs, change, change_low, change_high.
void write_statistics_csv(std::ostream& out, const SweepResults& results, const Bootstrap& bootstrap = {});

}  // namespace peerbed::analysis
