#pragma once
// Two sets of results, metric by metric: how much they differ, whether chance explains it, and which way is better. A
// sweep's runs are compared by their seeds where both have them; single runs by all values that their nodes traced.

#include <string>
#include <utility>
#include <vector>

#include "analysis/results/sweep_statistics.h"

namespace peerbed::analysis {

enum class Correction : std::uint8_t { holm, benjamini_hochberg, none };

enum class Test : std::uint8_t {
  automatic,           // whichever of the next three fits
  paired_bootstrap,    // two seeds or more are in both
  mann_whitney,        // several runs, but of other seeds
  kolmogorov_smirnov,  // of quantities that nodes traced: one run each, or by request
  none,                // one run each says nothing of the next
};

enum class Verdict : std::uint8_t {
  undecided,  // chance may explain it
  better,
  worse,
  different,  // where neither way is better
  untested,
};

struct ComparisonOptions {
  double alpha = 0.05;
  Correction correction = Correction::holm;
  Test test = Test::automatic;
  double margin = 0;  // changes of at most this share count for nothing
  Bootstrap bootstrap{};
};

struct Comparison {
  std::size_t point = 0;  // in the list of matched points
  std::string metric{};
  Unit unit = Unit::none;
  Better better = Better::neither;
  double a = 0;  // means
  double b = 0;
  Change change{};
  Test test = Test::none;
  double p = 1;
  double adjusted = 1;  // for the number of tests
  Verdict verdict = Verdict::untested;
};

// Points of a and b with the same values of the same parameters; the only ones of both, whatever their values.
std::vector<std::pair<std::size_t, std::size_t>> matched_points(const SweepResults& a, const SweepResults& b);

// The metrics named, at all matched points; those that have one and the same value everywhere are left out, as they can
// tell nothing. Quantities of the Kolmogorov-Smirnov test come after the metrics, where any of their metrics is named.
std::vector<Comparison> compare(const SweepResults& a, const SweepResults& b, const std::vector<std::string>& metrics,
                                const ComparisonOptions& options = {});

// The means of two lists of bars, and a large-sample interval (Welch) for their difference. Neither is empty.
Change change_between(const std::vector<Bar>& a, const std::vector<Bar>& b, double confidence);

}  // namespace peerbed::analysis
