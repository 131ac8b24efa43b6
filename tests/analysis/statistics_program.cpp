// Reads one question per line and prints the answers of our statistics, for scipy_test.py. A question is a name, then
// one sample or two with a bar between them.

#include <iostream>
#include <span>
#include <sstream>
#include <string>
#include <vector>

#include "analysis/statistics/significance.h"
#include "analysis/statistics/statistics.h"

using namespace peerbed::analysis;

namespace {

std::vector<Bar> bars_of(std::span<const double> sorted) {
  std::vector<Bar> bars;
  for (const double value : sorted) {
    const auto whole = static_cast<std::uint64_t>(value);
    if (bars.empty() || bars.back().at_most != whole) bars.push_back({whole, 0});
    ++bars.back().count;
  }
  return bars;
}

void answer(const std::string& question, std::span<const double> a, std::span<const double> b) {
  if (question == "quantiles") {
    const Summary of = summarize(a);
    std::cout << of.mean << ' ' << of.deviation << ' ' << of.p10 << ' ' << of.median << ' ' << of.p90;
  } else if (question == "mean_interval") {
    const Interval interval = mean_interval(a);
    std::cout << interval.low << ' ' << interval.high;
  } else if (question == "difference_interval") {
    const Interval interval = difference_interval(a, b);
    std::cout << interval.low << ' ' << interval.high;
  } else if (question == "paired") {
    std::cout << paired_bootstrap_test(a);
  } else if (question == "mann_whitney") {
    const RankTest test = mann_whitney(a, b);
    std::cout << test.u << ' ' << test.p;
  } else if (question == "kolmogorov_smirnov") {
    const DistributionTest test = kolmogorov_smirnov(bars_of(a), bars_of(b));
    std::cout << test.distance << ' ' << test.p;
  }
  std::cout << std::endl;
}

}  // namespace

int main() {
  std::cout.precision(17);
  for (std::string line; std::getline(std::cin, line);) {
    std::istringstream words(line);
    std::string question;
    words >> question;
    std::vector<double> samples[2];
    std::size_t which = 0;
    for (std::string word; words >> word;) {
      if (word == "|")
        which = 1;
      else
        samples[which].push_back(std::stod(word));
    }
    answer(question, samples[0], samples[1]);
  }
}
