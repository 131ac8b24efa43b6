#include "analysis/results/comparison.h"

#include <algorithm>
#include <boost/math/distributions/normal.hpp>
#include <cmath>
#include <set>

#include "analysis/statistics/significance.h"

namespace peerbed::analysis {
namespace {

const Samples no_samples;

const Samples& samples_at(const SweepResults& results, const std::string& metric, std::size_t point) {
  const auto found = results.metrics().find(metric);
  return found == results.metrics().end() ? no_samples : found->second.by_point[point];
}

const std::vector<Bar>* bars_at(const SweepResults& results, const std::string& quantity, std::size_t point) {
  const Distributions& all = results.distributions()[point];
  const auto found = all.find(quantity);
  return found == all.end() || found->second.empty() ? nullptr : &found->second;
}

// Finds the metric in either set of results, for its unit and direction.
const MetricSamples* find_metric(const SweepResults& a, const SweepResults& b, const std::string& name) {
  for (const SweepResults* results : {&b, &a})
    if (const auto found = results->metrics().find(name); found != results->metrics().end()) return &found->second;
  return nullptr;
}

// Whether each point has only one run.
bool has_single_runs(const SweepResults& results, std::size_t point) {
  return std::all_of(results.metrics().begin(), results.metrics().end(),
                     [point](const auto& metric) { return metric.second.by_point[point].size() < 2; });
}

bool tells_nothing(const Samples& a, const Samples& b) {
  const double first = a.begin()->second;
  const auto is_first = [first](const auto& sample) { return sample.second == first; };
  return std::all_of(a.begin(), a.end(), is_first) && std::all_of(b.begin(), b.end(), is_first);
}

Test fitting_test(const Samples& a, const Samples& b) {
  if (paired_differences(a, b).size() >= 2) return Test::paired_bootstrap;
  return a.size() + b.size() > 2 ? Test::mann_whitney : Test::none;
}

double p_of(Test test, const Samples& a, const Samples& b, const Bootstrap& bootstrap) {
  if (test == Test::paired_bootstrap) return paired_bootstrap_test(paired_differences(a, b), bootstrap);
  if (test == Test::mann_whitney) return mann_whitney(values_of(a), values_of(b)).p;
  return 1;
}

// "lookup.done.latency" for "lookup.done.latency.p99"; empty for metrics without a quantity.
std::string quantity_of(const std::string& metric) { return metric.substr(0, metric.rfind('.')); }

class Comparer {
 public:
  Comparer(const SweepResults& a, const SweepResults& b, const ComparisonOptions& options)
      : a_(a), b_(b), options_(options), points_(matched_points(a, b)) {}

  std::vector<Comparison> compare(const std::vector<std::string>& metrics) {
    for (std::size_t i = 0; i < points_.size(); ++i) {
      if (options_.test != Test::kolmogorov_smirnov)
        for (const std::string& metric : metrics) compare_metric(i, metric);
      const bool single = has_single_runs(a_, points_[i].first) && has_single_runs(b_, points_[i].second);
      if (options_.test == Test::kolmogorov_smirnov || (options_.test == Test::automatic && single))
        compare_distributions(i, metrics);
    }
    judge();
    return std::move(all_);
  }

 private:
  void compare_metric(std::size_t point, const std::string& name) {
    const Samples& a = samples_at(a_, name, points_[point].first);
    const Samples& b = samples_at(b_, name, points_[point].second);
    if (a.empty() || b.empty() || tells_nothing(a, b)) return;
    const MetricSamples& metric = *find_metric(a_, b_, name);
    Comparison comparison{.point = point, .metric = name, .unit = metric.unit, .better = metric.better};
    comparison.a = mean(values_of(a));
    comparison.b = mean(values_of(b));
    comparison.test = options_.test == Test::automatic ? fitting_test(a, b) : options_.test;
    const bool unpaired = comparison.test == Test::mann_whitney;
    comparison.change = unpaired ? independent_change(a, b) : change_between(a, b, options_.bootstrap);
    comparison.p = p_of(comparison.test, a, b, options_.bootstrap);
    all_.push_back(comparison);
  }

  Change independent_change(const Samples& a, const Samples& b) const {
    const std::vector<double> of_a = values_of(a);
    const std::vector<double> of_b = values_of(b);
    Change change;
    change.base = mean(of_a);
    change.difference = mean(of_b) - change.base;
    change.interval = difference_interval(of_a, of_b, options_.bootstrap);
    return change;
  }

  void compare_distributions(std::size_t point, const std::vector<std::string>& metrics) {
    std::set<std::string> quantities;
    for (const std::string& metric : metrics) quantities.insert(quantity_of(metric));
    for (const std::string& quantity : quantities) {
      const std::vector<Bar>* a = bars_at(a_, quantity, points_[point].first);
      const std::vector<Bar>* b = bars_at(b_, quantity, points_[point].second);
      const MetricSamples* metric = find_metric(a_, b_, quantity + ".mean");
      if (a == nullptr || b == nullptr || metric == nullptr) continue;
      if (a->size() == 1 && b->size() == 1 && a->front().at_most == b->front().at_most) continue;
      Comparison comparison{.point = point, .metric = quantity, .unit = metric->unit, .better = metric->better};
      comparison.test = Test::kolmogorov_smirnov;
      comparison.change = change_between(*a, *b, options_.bootstrap.confidence);
      comparison.a = comparison.change.base;
      comparison.b = comparison.a + comparison.change.difference;
      comparison.p = kolmogorov_smirnov(*a, *b).p;
      all_.push_back(comparison);
    }
  }

  // Adjusts all tests together, then judges them.
  void judge() {
    std::vector<double> p;
    for (const Comparison& each : all_)
      if (each.test != Test::none) p.push_back(each.p);
    if (options_.correction == Correction::holm) p = holm(p);
    if (options_.correction == Correction::benjamini_hochberg) p = benjamini_hochberg(p);
    auto adjusted = p.begin();
    for (Comparison& each : all_) {
      if (each.test == Test::none) continue;
      each.adjusted = *adjusted++;
      each.verdict = verdict_of(each);
    }
  }

  ComparisonVerdict verdict_of(const Comparison& each) const {
    if (each.adjusted > options_.alpha) return ComparisonVerdict::undecided;
    const double difference = each.change.difference;
    if (each.change.has_relative() && std::fabs(each.change.relative(difference)) <= options_.margin &&
        options_.margin > 0)
      return ComparisonVerdict::undecided;
    if (each.better == Better::neither || difference == 0) return ComparisonVerdict::different;
    return (difference < 0) == (each.better == Better::less) ? ComparisonVerdict::better : ComparisonVerdict::worse;
  }

  const SweepResults& a_;
  const SweepResults& b_;
  const ComparisonOptions& options_;
  std::vector<std::pair<std::size_t, std::size_t>> points_;
  std::vector<Comparison> all_;
};

struct BarMoments {
  double mean = 0;
  double error = 0;  // squared standard error of the mean
};

BarMoments moments_of(const std::vector<Bar>& bars) {
  double count = 0;
  double sum = 0;
  for (const Bar& bar : bars) {
    count += static_cast<double>(bar.count);
    sum += static_cast<double>(bar.count) * static_cast<double>(bar.at_most);
  }
  const double mean = sum / count;
  double squares = 0;
  for (const Bar& bar : bars) {
    const double distance = static_cast<double>(bar.at_most) - mean;
    squares += static_cast<double>(bar.count) * distance * distance;
  }
  return {mean, count > 1 ? squares / (count - 1) / count : 0};
}

}  // namespace

std::vector<std::pair<std::size_t, std::size_t>> matched_points(const SweepResults& a, const SweepResults& b) {
  if (a.points().size() == 1 && b.points().size() == 1) return {{0, 0}};
  std::vector<std::pair<std::size_t, std::size_t>> matched;
  if (a.header().parameters != b.header().parameters) return matched;
  for (std::size_t i = 0; i < a.points().size(); ++i)
    if (const auto other = b.find_point(a.points()[i])) matched.emplace_back(i, *other);
  return matched;
}

std::vector<Comparison> compare(const SweepResults& a, const SweepResults& b, const std::vector<std::string>& metrics,
                                const ComparisonOptions& options) {
  return Comparer(a, b, options).compare(metrics);
}

Change change_between(const std::vector<Bar>& a, const std::vector<Bar>& b, double confidence) {
  const BarMoments of_a = moments_of(a);
  const BarMoments of_b = moments_of(b);
  const double z = boost::math::quantile(boost::math::normal(), (1 + confidence) / 2);
  const double reach = z * std::sqrt(of_a.error + of_b.error);
  Change change;
  change.base = of_a.mean;
  change.difference = of_b.mean - of_a.mean;
  change.interval = {change.difference - reach, change.difference + reach};
  return change;
}

}  // namespace peerbed::analysis
