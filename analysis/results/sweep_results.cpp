#include "analysis/results/sweep_results.h"

#include <algorithm>

namespace peerbed::analysis {

std::optional<std::size_t> SweepResults::find_point(const std::vector<std::string>& values) const {
  // Runs of one point arrive together, so it is most often the last.
  const auto found = std::find(points_.rbegin(), points_.rend(), values);
  if (found == points_.rend()) return std::nullopt;
  return static_cast<std::size_t>(points_.rend() - found) - 1;
}

std::size_t SweepResults::point_of(const std::vector<std::string>& values) {
  if (const auto known = find_point(values)) return *known;
  points_.push_back(values);
  distributions_.emplace_back();
  for (auto& [name, metric] : metrics_) metric.by_point.resize(points_.size());
  return points_.size() - 1;
}

void SweepResults::add(const UnitResult& unit) {
  const std::size_t point = point_of(unit.values);
  digests_[{point, unit.seed}] = unit.digest;
  for (const auto& [name, metric] : unit.metrics.all()) {
    MetricSamples& samples = metrics_[name];
    samples.unit = metric.unit;
    samples.better = metric.better;
    samples.by_point.resize(points_.size());
    samples.by_point[point][unit.seed] = metric.value;
  }
}

void SweepResults::add_distribution(std::size_t point, const std::string& quantity, std::vector<Bar> bars) {
  distributions_[point][quantity] = std::move(bars);
}

std::string column_of(const std::string& parameter) {
  for (const char* taken : {"scenario", "seed", "metric", "value", "unit", "better"})
    if (parameter == taken) return "parameter." + parameter;
  return parameter;
}

std::vector<double> values_of(const Samples& samples) {
  std::vector<double> values;
  for (const auto& [seed, value] : samples) values.push_back(value);
  return values;
}

std::vector<double> paired_differences(const Samples& a, const Samples& b) {
  std::vector<double> differences;
  for (const auto& [seed, value] : b)
    if (const auto of_a = a.find(seed); of_a != a.end()) differences.push_back(value - of_a->second);
  return differences;
}

}  // namespace peerbed::analysis
