#include "analysis/results/sweep_statistics.h"

#include <algorithm>

#include "analysis/results/results_text.h"
#include "analysis/statistics/metric_words.h"

namespace peerbed::analysis {
namespace {

std::string numbers(std::initializer_list<double> values) {
  std::string text;
  for (const double value : values) text += "," + exact_text(value);
  return text;
}

std::string statistics_fields(const PointStatistics& of) {
  const Summary& summary = of.summary;
  std::string text = "," + std::to_string(summary.count) +
                     numbers({summary.mean, of.interval.low, of.interval.high, summary.deviation, summary.minimum,
                              summary.p10, summary.median, summary.p90, summary.maximum});
  if (!of.change) return text + ",,,,";
  return text + "," + std::to_string(of.change->pairs) +
         numbers({of.change->difference, of.change->interval.low, of.change->interval.high});
}

}  // namespace

Change change_between(const Samples& a, const Samples& b, const Bootstrap& bootstrap) {
  const std::vector<double> differences = paired_differences(a, b);
  Change change;
  if (differences.size() >= 2) {
    std::vector<double> base;
    for (const auto& [seed, value] : a)
      if (b.count(seed) != 0) base.push_back(value);
    change.pairs = differences.size();
    change.base = mean(base);
    change.difference = mean(differences);
    change.interval = mean_interval(differences, bootstrap);
    return change;
  }
  const std::vector<double> of_a = values_of(a);
  const std::vector<double> of_b = values_of(b);
  change.base = mean(of_a);
  change.difference = mean(of_b) - change.base;
  change.interval = difference_interval(of_a, of_b, bootstrap);
  return change;
}

std::vector<PointStatistics> statistics_of(const MetricSamples& metric, const Bootstrap& bootstrap) {
  std::vector<PointStatistics> all(metric.by_point.size());
  for (std::size_t point = 0; point < all.size(); ++point) {
    const Samples& samples = metric.by_point[point];
    if (samples.empty()) continue;
    const std::vector<double> values = values_of(samples);
    all[point].summary = summarize(values);
    all[point].interval = mean_interval(values, bootstrap);
    const Samples& first = metric.by_point.front();
    if (point > 0 && !first.empty()) all[point].change = change_between(first, samples, bootstrap);
  }
  return all;
}

bool is_constant(const MetricSamples& metric) {
  std::optional<double> only;
  for (const Samples& samples : metric.by_point)
    for (const auto& [seed, value] : samples)
      if (value != only.value_or(value))
        return false;
      else
        only = value;
  return true;
}

void write_statistics_csv(std::ostream& out, const SweepResults& results, const Bootstrap& bootstrap) {
  for (const std::string& name : results.header().parameters) out << csv_field(column_of(name)) << ',';
  out << "metric,unit,better,runs,mean,mean_low,mean_high,deviation,minimum,p10,median,p90,maximum,pairs,change,"
         "change_low,change_high\n";
  for (const auto& [name, metric] : results.metrics()) {
    const std::vector<PointStatistics> all = statistics_of(metric, bootstrap);
    for (std::size_t point = 0; point < all.size(); ++point) {
      if (all[point].summary.count == 0) continue;
      for (const std::string& value : results.points()[point]) out << csv_field(value) << ',';
      out << csv_field(name) << ',' << word_of(metric.unit) << ',' << word_of(metric.better)
          << statistics_fields(all[point]) << '\n';
    }
  }
}

}  // namespace peerbed::analysis
