#pragma once
// Tests of whether two samples differ by more than chance, and corrections for multiple testing. All tests are
// two-sided; p is the probability of a difference at least as large if there is none.

#include <cstdint>
#include <span>
#include <vector>

#include "analysis/statistics/histogram.h"

namespace peerbed::analysis {

struct RankTest {
  double u = 0;  // of the first sample: the number of pairs in which its value is the larger; ties count one half
  double p = 1;
};
// Mann and Whitney (1947). Exact for samples without ties whose sizes multiply to at most 2,500; otherwise the normal
// approximation, corrected for ties and continuity. p is 1 if a sample is empty.
RankTest mann_whitney(std::span<const double> a, std::span<const double> b);

struct DistributionTest {
  double distance = 0;  // the largest between the two cumulative distributions
  double p = 1;
};
// Kolmogorov-Smirnov test for two samples as bars in ascending order. Exact if the sizes multiply to at most a million,
// otherwise by the limiting distribution with Stephens' (1970) correction. Bars of rounded values make p slightly too
// large.
DistributionTest kolmogorov_smirnov(std::span<const Bar> a, std::span<const Bar> b);

// Probabilities adjusted for their number, in the given order: reject those that are at most alpha. Holm (1979): the
// chance of even one false rejection is at most alpha, however the tests depend on one another.
std::vector<double> holm(std::span<const double> p);
// Benjamini and Hochberg (1995): the expected share of false rejections is at most alpha.
std::vector<double> benjamini_hochberg(std::span<const double> p);

}  // namespace peerbed::analysis
