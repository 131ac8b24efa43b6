#pragma once
// Statistics of a sample: moments and quantiles, and intervals and tests by the bootstrap (Efron and Tibshirani, An
// Introduction to the Bootstrap, 1993). Each is a function of its arguments: resampling draws from a given seed.

#include <cstddef>
#include <cstdint>
#include <span>

namespace peerbed::analysis {

// All zero for an empty sample.
struct Summary {
  std::size_t count = 0;
  double mean = 0;
  double deviation = 0;  // divisor n - 1; 0 for fewer than two
  double minimum = 0;
  double p10 = 0;
  double median = 0;
  double p90 = 0;
  double maximum = 0;
};
Summary summarize(std::span<const double> sample);

double mean(std::span<const double> sample);

// The value below which a `share` (0 to 1) of a sorted sample lies, interpolated linearly: type 7 of Hyndman and Fan
// (1996), the default of R and numpy. 0 if empty.
double quantile(std::span<const double> sorted, double share);

struct Interval {
  double low = 0;
  double high = 0;
  friend bool operator==(const Interval&, const Interval&) = default;
};

struct Bootstrap {
  double confidence = 0.95;
  std::size_t resamples = 10'000;
  std::uint64_t seed = 1;
};

// A bias-corrected and accelerated interval (BCa, chapter 14) for the mean. With fewer than two values, or equal ones,
// it is just the mean.
Interval mean_interval(std::span<const double> sample, const Bootstrap& bootstrap = {});

// The same for mean(b) - mean(a), with independent samples of at least one value each. For pairs, use mean_interval of
// their differences.
Interval difference_interval(std::span<const double> a, std::span<const double> b, const Bootstrap& bootstrap = {});

// The probability of a mean at least as far from zero as that of these differences if the true mean is zero: the
// bootstrap of Student's t on centred differences (section 16.4), two-sided. Never below 2^(1 - n), the resolution of
// the signs of n pairs; 1 for fewer than two differences or if all are zero.
double paired_bootstrap_test(std::span<const double> differences, const Bootstrap& bootstrap = {});

}  // namespace peerbed::analysis
