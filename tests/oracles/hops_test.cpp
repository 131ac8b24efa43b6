// Path lengths of lookups in a converged ring, compared with theory and published measurements (Stoica et al., ToN
// 2003, section V; an independent simulation of perfect fingers gave the tables).

#include <array>

#include "tests/catch.h"
#include "tests/oracles/ring_world.h"
#include "tests/sim/kolmogorov_smirnov.h"

namespace peerbed::oracles {
namespace {

// The lookups of all rings together, and the spread between the means of the rings: lookups of one ring are correlated,
// so only rings are independent.
struct Paths {
  std::vector<double> hops;
  std::vector<double> means;
};

Paths measure(std::size_t nodes, std::size_t successors, bool as_fingers, std::size_t rings, std::size_t lookups) {
  ring::Options options = still_options();
  options.successor_list_length = successors;
  options.successor_list_as_fingers = as_fingers;
  Paths paths;
  for (std::size_t seed = 1; seed <= rings; ++seed) {
    RingWorld ring(nodes, options, seed);
    KeyedStream draws(seed);
    ring.look_up(lookups, draws, 1ms, 10s);
    const std::vector<double> hops = hops_of(ring.ends());
    REQUIRE(hops.size() == lookups);  // in a ring at rest every lookup ends at the owner
    paths.hops.insert(paths.hops.end(), hops.begin(), hops.end());
    paths.means.push_back(moments(hops).mean);
  }
  return paths;
}

void check_mean(const Paths& paths, double expected, double tolerance) {
  const Moments measured = moments(paths.means);
  INFO("mean " << measured.mean << " +- " << measured.standard_error << ", expected " << expected);
  CHECK(std::abs(measured.mean - expected) <= std::max(tolerance, 4 * measured.standard_error));
}

// Hops are whole numbers: if the distribution has a step at a percentile, a sample may fall on either side.
void check_percentiles(const std::vector<double>& hops, double p1, double p99) {
  CHECK(quantile(hops, 0.007) <= p1);
  CHECK(quantile(hops, 0.013) >= p1);
  CHECK(quantile(hops, 0.987) <= p99);
  CHECK(quantile(hops, 0.993) >= p99);
}

// Fingers alone: mean 0.5 log2 N + 0.86 with a standard deviation of about 0.48 sqrt(log2 N).
void check_fingers_alone(std::size_t nodes, double mean, double deviation, double p1, double p99, std::size_t rings,
                         std::size_t lookups) {
  const Paths paths = measure(nodes, 8, false, rings, lookups);
  const std::vector<double>& hops = paths.hops;
  check_mean(paths, mean, 0.03);
  check_mean(paths, 0.5 * std::log2(static_cast<double>(nodes)) + 0.86, 0.03);
  CHECK(moments(hops).deviation == Approx(deviation).epsilon(0.05));
  check_percentiles(hops, p1, p99);
}

}  // namespace

TEST_CASE("lookups by fingers alone take half the logarithm of 1,024 nodes") {
  check_fingers_alone(1024, 5.85, 1.51, 2, 9, 40, 1'000);
}

TEST_CASE("lookups by fingers alone take half the logarithm of 4,096 nodes, with the right distribution") {
  const Paths paths = measure(4096, 8, false, 24, 1'000);
  const std::vector<double>& hops = paths.hops;
  check_mean(paths, 6.86, 0.03);
  CHECK(moments(hops).deviation == Approx(1.67).epsilon(0.05));
  check_percentiles(hops, 3, 11);
  // The published density from 3 to 11 hops; the rest lies below and above.
  constexpr std::array density{.016, .058, .130, .205, .233, .192, .109, .043, .011};
  const auto cumulative = [&density](double value) {
    double sum = 0.0025;  // two hops and fewer
    for (std::size_t i = 0; i < density.size() && static_cast<double>(i) + 3 <= value; ++i) sum += density[i];
    return value > 11 ? 1.0 : sum;
  };
  // For a discrete distribution the statistic is the distance at its steps; the table is rounded to 0.0005 per step.
  double worst = 0;
  for (int step = 2; step <= 11; ++step) {
    const auto below = std::count_if(hops.begin(), hops.end(), [step](double value) { return value <= step; });
    worst = std::max(worst, std::abs(static_cast<double>(below) / static_cast<double>(hops.size()) - cumulative(step)));
  }
  CHECK((worst - 9 * 0.0005) * std::sqrt(static_cast<double>(hops.size())) < sim::kolmogorov_smirnov_limit);
}

TEST_CASE("lookups by fingers alone take half the logarithm of 16,384 nodes", "[.nightly]") {
  check_fingers_alone(16'384, 7.86, 1.80, 4, 12, 16, 6'000);
}

// With the successor list among the fingers, r = 20, 24, 28: mean 1 + 0.5 log2(N / r).
TEST_CASE("a successor list among the fingers shortens paths in 1,000 nodes") {
  check_mean(measure(1000, 20, true, 24, 1'000), 3.83, 0.05);
}

TEST_CASE("a successor list among the fingers shortens paths in 4,096 nodes") {
  check_mean(measure(4096, 24, true, 24, 1'000), 4.71, 0.05);
}

TEST_CASE("a successor list among the fingers shortens paths in 16,384 nodes", "[.nightly]") {
  check_mean(measure(16'384, 28, true, 16, 6'000), 5.60, 0.05);
}

}  // namespace peerbed::oracles
