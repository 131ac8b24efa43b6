#pragma once
// Tests of whether two samples differ by more than chance, and what becomes of many such tests at once. All are
// two-sided; p is the probability of a difference as large or larger when there is none.

#include <cstdint>
#include <span>
#include <vector>

#include "analysis/statistics/histogram.h"

namespace peerbed::analysis {

struct RankTest {
  double u = 0;  // of the first sample: over all pairs, how often its value is the larger; ties count one half
  double p = 1;
};
// Mann and Whitney (1947). Exact for samples without ties whose sizes multiply to at most 2,500; else by the normal
// approximation, corrected for ties and for continuity. p is 1 when a sample is empty.
RankTest mann_whitney(std::span<const double> a, std::span<const double> b);

struct DistributionTest {
  double distance = 0;  // the largest between the two cumulative distributions
  double p = 1;
};
// Kolmogorov and Smirnov, for two samples as bars in ascending order. Exact when the sizes multiply to at most a
// million, else by the limiting distribution with Stephens' (1970) correction. Bars that round values make p a little
// too large.
DistributionTest kolmogorov_smirnov(std::span<const Bar> a, std::span<const Bar> b);

// Probabilities adjusted for their number, in the order given: reject those that are at most alpha.
// Holm (1979): the chance of even one false rejection is at most alpha, however the tests depend on one another.
std::vector<double> holm(std::span<const double> p);
// Benjamini and Hochberg (1995): the expected share of false ones among the rejections is at most alpha.
std::vector<double> benjamini_hochberg(std::span<const double> p);

}  // namespace peerbed::analysis
