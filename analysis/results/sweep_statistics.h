#pragma once
// A sweep's metrics point by point: each summarised over its seeds, with an interval, and compared with the first point
// by the seeds that both have.

#include <ostream>
#include <vector>

#include "analysis/results/sweep_results.h"
#include "analysis/statistics/statistics.h"

namespace peerbed::analysis {

// The difference from another mean; relative to it if it is not zero.
struct Change {
  std::size_t pairs = 0;  // number of seeds in both; 0: the samples are treated as independent
  double difference = 0;
  Interval interval{};
  double base = 0;  // the mean that it is relative to

  bool has_relative() const noexcept { return base != 0; }
  double relative(double difference_in_unit) const noexcept { return difference_in_unit / (base < 0 ? -base : base); }
};

// The change from a to b: paired if they share at least two seeds. Neither is empty.
Change change_between(const Samples& a, const Samples& b, const Bootstrap& bootstrap = {});

struct PointStatistics {
  Summary summary;
  Interval interval;  // of the mean
  std::optional<Change> change;
};

// One for each point; without a summary if the point does not have the metric, and without a change if either point
// does not.
std::vector<PointStatistics> statistics_of(const MetricSamples& metric, const Bootstrap& bootstrap = {});

// Whether it has the same value everywhere.
bool is_constant(const MetricSamples& metric);

// One row for each point and metric: parameters, metric, unit, better, runs, mean, mean_low, mean_high, deviation,
// minimum, p10, median, p90, maximum, pairs, change, change_low, change_high.
void write_statistics_csv(std::ostream& out, const SweepResults& results, const Bootstrap& bootstrap = {});

}  // namespace peerbed::analysis
