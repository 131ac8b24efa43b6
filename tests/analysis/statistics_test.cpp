// Reference values are from scipy 1.10.1, from the function named beside each; scipy_test.py compares with the
// installed scipy.

#include <cmath>
#include <map>
#include <vector>

#include "analysis/statistics/significance.h"
#include "analysis/statistics/statistics.h"
#include "tests/catch.h"

using namespace peerbed::analysis;

namespace {

const std::vector<double> ten{2.1, 3.4, 1.9, 5.6, 2.8, 3.3, 9.7, 2.2, 4.1, 3.0};
const std::vector<double> eight{54.1, 53.2, 55.9, 50.4, 58.3, 52.7, 54.8, 51.1};
const std::vector<double> seven{49.7, 51.3, 52.2, 47.9, 53.6, 50.2, 55.0};

std::vector<Bar> bars_of(std::vector<std::uint64_t> values) {
  Histogram histogram;
  for (const std::uint64_t value : values) histogram.add(value);
  return histogram.bars();
}

}  // namespace

TEST_CASE("a summary has numpy's moments and quantiles") {
  const Summary summary = summarize(ten);
  CHECK(summary.count == 10);
  CHECK(summary.mean == Approx(3.81));
  CHECK(summary.deviation == Approx(2.3392543921324824));
  CHECK(summary.minimum == 1.9);
  CHECK(summary.p10 == Approx(2.08));
  CHECK(summary.median == Approx(3.15));
  CHECK(summary.p90 == Approx(6.01));
  CHECK(summary.maximum == 9.7);
}

TEST_CASE("a summary of no value or one value has what is defined") {
  CHECK(summarize({}).count == 0);
  const std::vector<double> one{7.5};
  CHECK(summarize(one).median == 7.5);
  CHECK(summarize(one).deviation == 0);
  CHECK(mean_interval(one) == Interval{7.5, 7.5});
}

TEST_CASE("equal values have an interval of zero width at that value") {
  const std::vector<double> equal(20, 0.1);
  CHECK(mean_interval(equal) == Interval{0.1, 0.1});
  CHECK(difference_interval(equal, equal) == Interval{0, 0});
}

TEST_CASE("the interval of a skewed sample's mean is skewed as BCa says") {
  // scipy.stats.bootstrap, method BCa, 200,000 resamples: 2.86 to 5.98. The percentile interval is 2.70 to 5.39.
  const Interval interval = mean_interval(ten, {.resamples = 200'000});
  CHECK(interval.low == Approx(2.86).margin(0.02));
  CHECK(interval.high == Approx(5.98).margin(0.04));
}

TEST_CASE("the interval of a difference of means is that of BCa for two samples") {
  // scipy.stats.bootstrap of mean(seven) - mean(eight), method BCa, 100,000 resamples: -4.780 to -0.104.
  const Interval interval = difference_interval(eight, seven);
  CHECK(interval.low == Approx(-4.780).margin(0.08));
  CHECK(interval.high == Approx(-0.104).margin(0.08));
}

TEST_CASE("resampling is a function of its seed") {
  CHECK(mean_interval(ten) == mean_interval(ten));
  CHECK_FALSE(mean_interval(ten, {.seed = 2}) == mean_interval(ten));
}

TEST_CASE("the paired test is close to numpy's bootstrap and not far from Student's t") {
  // numpy, the same algorithm with 400,000 resamples: 0.0170; scipy.stats.ttest_1samp: 0.0138.
  const std::vector<double> differences{0.3, -0.1, 0.8, 0.5, 0.2, 0.9, -0.2, 0.4, 0.6, 0.1};
  CHECK(paired_bootstrap_test(differences) == Approx(0.0170).margin(0.004));
}

TEST_CASE("pairs that all differ by the same amount are limited to the resolution of their signs") {
  CHECK(paired_bootstrap_test(std::vector<double>(5, 0.7)) == Approx(1.0 / 16));
  CHECK(paired_bootstrap_test(std::vector<double>(20, -0.7)) == Approx(std::pow(2.0, -19)));
  CHECK(paired_bootstrap_test(std::vector<double>(20, 0)) == 1);
  CHECK(paired_bootstrap_test(std::vector<double>{3}) == 1);
  // Four pairs cannot be significant at 5 %, however alike they are.
  CHECK(paired_bootstrap_test(std::vector<double>{1.0, 1.01, 0.99, 1.02}) >= 0.125);
}

TEST_CASE("Mann and Whitney's test is exact without ties") {
  const RankTest test = mann_whitney(eight, seven);  // scipy.stats.mannwhitneyu, exact
  CHECK(test.u == 42);
  CHECK(test.p == Approx(0.1205905205905206).epsilon(1e-12));
  const std::vector<double> low{0, 1, 2, 3, 4};
  const std::vector<double> high{2.5, 3.5, 4.5, 5.5, 6.5};
  CHECK(mann_whitney(low, high).p == Approx(0.05555555555555555).epsilon(1e-12));
  CHECK(mann_whitney(high, low).p == Approx(0.05555555555555555).epsilon(1e-12));
}

TEST_CASE("Mann and Whitney's test corrects for ties and continuity") {
  const std::vector<double> a{1, 2, 2, 3, 3, 3, 4, 5, 5, 6};
  const std::vector<double> b{2, 3, 4, 4, 5, 5, 6, 6, 7, 8, 9};
  const RankTest test = mann_whitney(a, b);  // scipy.stats.mannwhitneyu, asymptotic
  CHECK(test.u == 25.5);
  CHECK(test.p == Approx(0.03904884575434861).epsilon(1e-12));
  const std::vector<double> equal(6, 1.5);
  CHECK(mann_whitney(equal, equal).p == 1);
  CHECK(mann_whitney(equal, {}).p == 1);
}

TEST_CASE("Kolmogorov and Smirnov's test is exact for small samples") {
  const auto a = bars_of({3, 7, 1, 9, 14, 5, 11, 2});
  const auto b = bars_of({8, 12, 15, 10, 16, 6, 20, 18, 13});
  const DistributionTest test = kolmogorov_smirnov(a, b);  // scipy.stats.ks_2samp, exact
  CHECK(test.distance == Approx(0.5416666666666666).epsilon(1e-12));
  CHECK(test.p == Approx(0.10941999177293293).epsilon(1e-12));
  CHECK(kolmogorov_smirnov(a, a).p == 1);
  CHECK(kolmogorov_smirnov(a, {}).p == 1);
}

TEST_CASE("Kolmogorov and Smirnov's test follows Stephens for large samples") {
  // Bars beyond 255 are rounded, so the values are given as bars.
  std::map<std::uint64_t, std::uint64_t> x;
  std::map<std::uint64_t, std::uint64_t> y;
  for (std::uint64_t i = 1; i < 1500; ++i) ++x[i * i % 997];
  for (std::uint64_t i = 1; i < 1400; ++i) ++y[(i * i + 37 * i) % 1009 + 25];
  std::vector<Bar> a;
  std::vector<Bar> b;
  for (const auto& [value, count] : x) a.push_back({value, count});
  for (const auto& [value, count] : y) b.push_back({value, count});
  const DistributionTest test = kolmogorov_smirnov(a, b);  // scipy.stats.ks_2samp, and scipy.special.kolmogorov
  CHECK(test.distance == Approx(0.06455292329744727).epsilon(1e-12));
  CHECK(test.p == Approx(0.0045458968956745725).epsilon(1e-9));
}

TEST_CASE("Holm and Benjamini and Hochberg adjust for the number of tests") {
  const std::vector<double> p{0.01, 0.04, 0.03, 0.005, 0.2};
  const std::vector<double> by_holm{0.04, 0.09, 0.09, 0.025, 0.2};
  const std::vector<double> by_rate{0.025, 0.05, 0.05, 0.025, 0.2};
  for (std::size_t i = 0; i < p.size(); ++i) {
    CHECK(holm(p)[i] == Approx(by_holm[i]));
    CHECK(benjamini_hochberg(p)[i] == Approx(by_rate[i]));
  }
  CHECK(holm(std::vector<double>{0.9, 0.8}) == std::vector<double>{1, 1});
}
