#include "analysis/statistics/statistics.h"

#include <algorithm>
#include <boost/math/distributions/normal.hpp>
#include <cmath>
#include <limits>
#include <vector>

#include "protocols/environment/random.h"

namespace peerbed::analysis {
namespace {

bool all_equal(std::span<const double> sample) {
  return std::all_of(sample.begin(), sample.end(), [&](double value) { return value == sample.front(); });
}

double normal_below(double z) { return boost::math::cdf(boost::math::normal(), z); }
double normal_quantile(double share) { return boost::math::quantile(boost::math::normal(), share); }

struct Moments {
  double mean = 0;
  double squares = 0;  // sum of squared distances from the mean
  double cubes = 0;
};

Moments moments(std::span<const double> sample) {
  Moments moments{.mean = mean(sample)};
  for (const double value : sample) {
    const double distance = value - moments.mean;
    moments.squares += distance * distance;
    moments.cubes += distance * distance * distance;
  }
  return moments;
}

double mean_of_resample(std::span<const double> sample, KeyedStream& draws) {
  double sum = 0;
  for (std::size_t i = 0; i < sample.size(); ++i) sum += sample[draws.below(sample.size())];
  return sum / static_cast<double>(sample.size());
}

// Equation 14.10: the quantiles of the resampled statistics, corrected for bias and acceleration.
Interval bca(std::vector<double> resampled, double observed, double acceleration, double confidence) {
  std::sort(resampled.begin(), resampled.end());
  const auto [low, high] = std::equal_range(resampled.begin(), resampled.end(), observed);
  const auto count = static_cast<double>(resampled.size());
  const double below = static_cast<double>(low - resampled.begin()) + static_cast<double>(high - low) / 2;
  const double bias = normal_quantile(std::clamp(below / count, 0.5 / count, 1 - 0.5 / count));
  const auto bound = [&](double share) {
    const double z = bias + normal_quantile(share);
    return quantile(resampled, normal_below(bias + z / (1 - acceleration * z)));
  };
  return {bound((1 - confidence) / 2), bound((1 + confidence) / 2)};
}

// Student's t of a mean against zero; infinite if all values are equal and not zero.
double student_t(double mean, double squares, double count) {
  if (squares > 0) return mean / std::sqrt(squares / (count - 1) / count);
  return mean == 0 ? 0 : std::copysign(std::numeric_limits<double>::infinity(), mean);
}

}  // namespace

double mean(std::span<const double> sample) {
  if (sample.empty()) return 0;
  if (all_equal(sample)) return sample.front();  // avoids rounding
  double sum = 0;
  for (const double value : sample) sum += value;
  return sum / static_cast<double>(sample.size());
}

double quantile(std::span<const double> sorted, double share) {
  if (sorted.empty()) return 0;
  const double position = std::clamp(share, 0.0, 1.0) * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(position);
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  return sorted[below] + (position - static_cast<double>(below)) * (sorted[above] - sorted[below]);
}

Summary summarize(std::span<const double> sample) {
  if (sample.empty()) return {};
  std::vector<double> sorted(sample.begin(), sample.end());
  std::sort(sorted.begin(), sorted.end());
  const Moments of = moments(sample);
  Summary summary;
  summary.count = sample.size();
  summary.mean = of.mean;
  if (sample.size() > 1) summary.deviation = std::sqrt(of.squares / static_cast<double>(sample.size() - 1));
  summary.minimum = sorted.front();
  summary.p10 = quantile(sorted, 0.10);
  summary.median = quantile(sorted, 0.50);
  summary.p90 = quantile(sorted, 0.90);
  summary.maximum = sorted.back();
  return summary;
}

Interval mean_interval(std::span<const double> sample, const Bootstrap& bootstrap) {
  const Moments of = moments(sample);
  if (of.squares == 0) return {of.mean, of.mean};
  KeyedStream draws(bootstrap.seed);
  std::vector<double> resampled(bootstrap.resamples);
  for (double& value : resampled) value = mean_of_resample(sample, draws);
  // The jackknife's acceleration (equation 14.15) of a mean.
  const double acceleration = of.cubes / (6 * std::pow(of.squares, 1.5));
  return bca(std::move(resampled), of.mean, acceleration, bootstrap.confidence);
}

Interval difference_interval(std::span<const double> a, std::span<const double> b, const Bootstrap& bootstrap) {
  const Moments of_a = moments(a);
  const Moments of_b = moments(b);
  const double observed = of_b.mean - of_a.mean;
  if (of_a.squares + of_b.squares == 0) return {observed, observed};
  KeyedStream draws(bootstrap.seed);
  std::vector<double> resampled(bootstrap.resamples);
  for (double& value : resampled) {
    const double mean_b = mean_of_resample(b, draws);
    value = mean_b - mean_of_resample(a, draws);
  }
  const auto influence = [](double sum, std::size_t count, double power) {
    return sum / std::pow(static_cast<double>(count), power);
  };
  const double cubes = influence(of_b.cubes, b.size(), 3) - influence(of_a.cubes, a.size(), 3);
  const double squares = influence(of_b.squares, b.size(), 2) + influence(of_a.squares, a.size(), 2);
  return bca(std::move(resampled), observed, cubes / (6 * std::pow(squares, 1.5)), bootstrap.confidence);
}

double paired_bootstrap_test(std::span<const double> differences, const Bootstrap& bootstrap) {
  const auto count = static_cast<double>(differences.size());
  const Moments of = moments(differences);
  if (differences.size() < 2 || of.mean == 0) return 1;
  const double least = std::pow(2, 1 - count);
  const double observed = std::fabs(student_t(of.mean, of.squares, count));
  if (std::isinf(observed)) return least;

  std::vector<double> centred(differences.begin(), differences.end());
  for (double& value : centred) value -= of.mean;
  KeyedStream draws(bootstrap.seed);
  std::vector<double> resample(differences.size());
  std::size_t as_far = 0;
  for (std::size_t i = 0; i < bootstrap.resamples; ++i) {
    for (double& value : resample) value = centred[draws.below(centred.size())];
    const Moments drawn = moments(resample);
    if (std::fabs(student_t(drawn.mean, drawn.squares, count)) >= observed) ++as_far;
  }
  return std::max(least, static_cast<double>(as_far + 1) / static_cast<double>(bootstrap.resamples + 1));
}

}  // namespace peerbed::analysis
