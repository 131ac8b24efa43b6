#pragma once
// Compares two sets of results, metric by metric: how much they differ, whether chance explains it, and which is
// better. A sweep's runs are paired by seed where both have it; single runs are compared by all values that their nodes
// traced.

#include <string>
#include <utility>
#include <vector>

#include "analysis/results/sweep_statistics.h"

namespace peerbed::analysis {

enum class Correction : std::uint8_t { holm, benjamini_hochberg, none };

enum class Test : std::uint8_t {
  automatic,           // whichever of the next three is applicable
  paired_bootstrap,    // at least two seeds are in both
  mann_whitney,        // several runs, but with different seeds
  kolmogorov_smirnov,  // for quantities that nodes traced: one run each, or on request
  none,                // one run each says nothing about the next
};

enum class ComparisonVerdict : std::uint8_t {
  undecided,  // chance may explain it
  better,
  worse,
  different,  // if neither direction is better
  untested,
};

struct ComparisonOptions {
  double alpha = 0.05;
  Correction correction = Correction::holm;
  Test test = Test::automatic;
  double margin = 0;  // changes up to this share are ignored
  Bootstrap bootstrap{};
};

struct Comparison {
  std::size_t point = 0;  // in the list of matched points
  std::string metric{};
  Unit unit = Unit::none;
  Better better = Better::neither;
  double a = 0;  // mean
  double b = 0;
  Change change{};
  Test test = Test::none;
  double p = 1;
  double adjusted = 1;  // p adjusted for the number of tests
  ComparisonVerdict verdict = ComparisonVerdict::untested;
};

// Points of a and b with the same values of the same parameters. If each has only one point, these match whatever their
// values.
std::vector<std::pair<std::size_t, std::size_t>> matched_points(const SweepResults& a, const SweepResults& b);

// Compares the named metrics at all matched points, leaving out those that have the same value everywhere. Quantities
// of the Kolmogorov-Smirnov test follow the metrics if any of their metrics is named.
std::vector<Comparison> compare(const SweepResults& a, const SweepResults& b, const std::vector<std::string>& metrics,
                                const ComparisonOptions& options = {});

// The change between the means of two lists of bars, with a large-sample interval (Welch). Neither list is empty.
Change change_between(const std::vector<Bar>& a, const std::vector<Bar>& b, double confidence);

}  // namespace peerbed::analysis
