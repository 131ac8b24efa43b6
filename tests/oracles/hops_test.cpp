// Path lengths of lookups in a converged ring, against theory and published measurements (Stoica et al., ToN 2003,
// section V; an independent simulation of perfect fingers gave the tables).

#include <array>

#include "tests/catch.h"
#include "tests/oracles/ring_world.h"
#include "tests/sim/kolmogorov_smirnov.h"

namespace peerbed::oracles {
namespace {

std::vector<double> measure(std::size_t nodes, std::size_t successors, bool as_fingers, std::size_t lookups) {
  ring::Options options = still_options();
  options.successor_list_length = successors;
  options.successor_list_as_fingers = as_fingers;
  RingWorld ring(nodes, options, nodes);
  KeyedStream draws(7);
  ring.look_up(lookups, draws, 1ms, 10s);
  REQUIRE(ring.ends().size() == lookups);
  const std::vector<double> hops = hops_of(ring.ends());
  CHECK(hops.size() == lookups);  // in a ring at rest every lookup succeeds
  return hops;
}

void check_mean(const std::vector<double>& hops, double expected, double tolerance) {
  const Moments measured = moments(hops);
  INFO("mean " << measured.mean << " +- " << measured.standard_error << ", expected " << expected);
  CHECK(std::abs(measured.mean - expected) <= std::max(tolerance, 4 * measured.standard_error));
}

// Fingers alone: mean 0.5 log2 N + 0.86 with a standard deviation of about 0.48 sqrt(log2 N).
void check_fingers_alone(std::size_t nodes, double mean, double deviation, double p1, double p99, std::size_t lookups) {
  const std::vector<double> hops = measure(nodes, 8, false, lookups);
  check_mean(hops, mean, 0.03);
  check_mean(hops, 0.5 * std::log2(static_cast<double>(nodes)) + 0.86, 0.03);
  CHECK(moments(hops).deviation == Approx(deviation).epsilon(0.05));
  CHECK(quantile(hops, 0.01) == p1);
  CHECK(quantile(hops, 0.99) == p99);
}

}  // namespace

TEST_CASE("lookups by fingers alone take half the logarithm of 1,024 nodes") {
  check_fingers_alone(1024, 5.85, 1.51, 2, 9, 20'000);
}

TEST_CASE("lookups by fingers alone take half the logarithm of 4,096 nodes, and are distributed as they should be") {
  const std::vector<double> hops = measure(4096, 8, false, 20'000);
  check_mean(hops, 6.86, 0.03);
  CHECK(moments(hops).deviation == Approx(1.67).epsilon(0.05));
  CHECK(quantile(hops, 0.01) == 3);
  CHECK(quantile(hops, 0.99) == 11);
  // The published density from 3 to 11 hops; the rest lies below and above.
  constexpr std::array density{.016, .058, .130, .205, .233, .192, .109, .043, .011};
  const auto cumulative = [&density](double value) {
    double sum = 0.0025;  // two hops and fewer
    for (std::size_t i = 0; i < density.size() && static_cast<double>(i) + 3 <= value; ++i) sum += density[i];
    return value > 11 ? 1.0 : sum;
  };
  // The statistic for a discrete distribution is the distance at its steps; the table is rounded to 0.0005 a step.
  double worst = 0;
  for (int step = 2; step <= 11; ++step) {
    const auto below = std::count_if(hops.begin(), hops.end(), [step](double value) { return value <= step; });
    worst = std::max(worst, std::abs(static_cast<double>(below) / static_cast<double>(hops.size()) - cumulative(step)));
  }
  CHECK((worst - 9 * 0.0005) * std::sqrt(static_cast<double>(hops.size())) < sim::kolmogorov_smirnov_limit);
}

TEST_CASE("lookups by fingers alone take half the logarithm of 16,384 nodes", "[.nightly]") {
  check_fingers_alone(16'384, 7.86, 1.80, 4, 12, 100'000);
}

// With the successor list among the fingers, r = 20, 24, 28: mean 1 + 0.5 log2(N / r).
TEST_CASE("a successor list among the fingers shortens paths in 1,000 nodes") {
  check_mean(measure(1000, 20, true, 20'000), 3.83, 0.05);
}

TEST_CASE("a successor list among the fingers shortens paths in 4,096 nodes") {
  check_mean(measure(4096, 24, true, 20'000), 4.71, 0.05);
}

TEST_CASE("a successor list among the fingers shortens paths in 16,384 nodes", "[.nightly]") {
  check_mean(measure(16'384, 28, true, 100'000), 5.60, 0.05);
}

}  // namespace peerbed::oracles
