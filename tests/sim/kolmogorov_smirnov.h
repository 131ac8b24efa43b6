#pragma once
// The one-sample Kolmogorov-Smirnov test, for a distribution whose cumulative function is known.

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

namespace peerbed::sim {

// The largest distance between the samples' distribution and the given one, times the square root of their number.
template <class Cumulative>
double kolmogorov_smirnov(std::vector<double> samples, Cumulative cumulative) {
  std::sort(samples.begin(), samples.end());
  const auto count = static_cast<double>(samples.size());
  double worst = 0;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const double expected = cumulative(samples[i]);
    worst = std::max({worst, expected - static_cast<double>(i) / count, static_cast<double>(i + 1) / count - expected});
  }
  return worst * std::sqrt(count);
}

// A true hypothesis exceeds this once in 10,000 times: 2 exp(-2 x^2) = 1e-4.
constexpr double kolmogorov_smirnov_limit = 2.2255;

}  // namespace peerbed::sim
