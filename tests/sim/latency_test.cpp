#include "sim/network/latency.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <stdexcept>
#include <vector>

#include "tests/catch.h"
#include "tests/sim/kolmogorov_smirnov.h"

namespace peerbed::sim {

namespace {

using namespace std::chrono_literals;

std::vector<double> samples_of(const LatencyModel& model) {
  KeyedStream draws(key_of(5, 6));
  std::vector<double> samples(100'000);
  for (double& sample : samples) sample = static_cast<double>(model.sample(0, 0, draws).count());
  return samples;
}

Duration one_sample(const LatencyModel& model, SiteIndex from = 0, SiteIndex to = 0) {
  KeyedStream draws(1);
  return model.sample(from, to, draws);
}

}  // namespace

TEST_CASE("a constant latency is that latency and takes no draw") {
  const auto model = LatencyModel::constant(600us);
  KeyedStream draws(4);
  CHECK(model.sample(17, 4, draws) == 600us);
  CHECK(draws.next() == KeyedStream(4).next());
  CHECK(model.minimum() == 600us);
  CHECK(model.site_count() == 0);
}

TEST_CASE("no latency is below one nanosecond") {
  CHECK(one_sample(LatencyModel()) == 1ns);
  CHECK(one_sample(LatencyModel::constant(0ns)) == 1ns);
  CHECK(one_sample(LatencyModel::constant(5ns).with_jitter(Distribution::constant(-1e9))) == 1ns);
  CHECK(LatencyModel::constant(5ns).with_jitter(Distribution::constant(-1e9)).minimum() == 1ns);
}

TEST_CASE("random latencies follow their distributions, shifted by their minimum") {
  const auto follows = [](const LatencyModel& model, auto cumulative) {
    return kolmogorov_smirnov(samples_of(model), cumulative) < kolmogorov_smirnov_limit;
  };
  CHECK(follows(LatencyModel::uniform(10ms, 30ms), [](double x) { return (x - 10e6) / 20e6; }));
  CHECK(follows(LatencyModel::exponential(20ms, 5ms), [](double x) { return 1 - std::exp(-(x - 20e6) / 5e6); }));
  CHECK(follows(LatencyModel::normal(50ms, 4ms, 0ms),
                [](double x) { return std::erfc(-(x - 50e6) / 4e6 / std::sqrt(2.0)) / 2; }));
  CHECK(follows(LatencyModel::log_normal(40ms, 0.5, 2ms),
                [](double x) { return std::erfc(-std::log((x - 2e6) / 40e6) / 0.5 / std::sqrt(2.0)) / 2; }));
}

TEST_CASE("every sample is at least the minimum that the model states") {
  for (const LatencyModel& model :
       {LatencyModel::uniform(10ms, 30ms), LatencyModel::exponential(20ms, 5ms), LatencyModel::normal(5ms, 4ms, 3ms),
        LatencyModel::constant(7ms).with_jitter(Distribution::uniform(-2e6, 2e6))}) {
    const auto minimum = static_cast<double>(model.minimum().count());
    CHECK(minimum > 1);
    const auto samples = samples_of(model);
    CHECK(*std::min_element(samples.begin(), samples.end()) >= minimum);
  }
}

TEST_CASE("a matrix gives each direction its delay, and a default within a site") {
  auto matrix = std::make_shared<DelayMatrix>(2);
  matrix->set(0, 1, 30ms);
  matrix->set(1, 0, 50ms);
  matrix->set(1, 1, 2ms);
  const auto model = LatencyModel::matrix(matrix, 300us);
  CHECK(one_sample(model, 0, 1) == 30ms);
  CHECK(one_sample(model, 1, 0) == 50ms);
  CHECK(one_sample(model, 0, 0) == 300us);
  CHECK(one_sample(model, 1, 1) == 2ms);
  CHECK(model.minimum() == 300us);
  CHECK(model.site_count() == 2);
}

TEST_CASE("on a plane the latency is the base plus the distance, rounded up") {
  const auto points = std::make_shared<const std::vector<PlanePoint>>(std::vector<PlanePoint>{{0, 0}, {3, 4}, {1, 1}});
  const auto model = LatencyModel::plane(points, 2ms, 10ms);
  CHECK(one_sample(model, 0, 1) == 52ms);
  CHECK(one_sample(model, 1, 0) == 52ms);
  CHECK(one_sample(model, 1, 1) == 2ms);
  CHECK(one_sample(model, 0, 2) == 2ms + 14'142'136ns);  // the square root of 2 is 1.41421356237
  CHECK(model.minimum() == 2ms);
  CHECK(model.site_count() == 3);
}

TEST_CASE("jitter is added to any latency") {
  const auto model = LatencyModel::constant(10ms).with_jitter(Distribution::exponential(1e6));
  CHECK(kolmogorov_smirnov(samples_of(model), [](double x) { return 1 - std::exp(-(x - 10e6) / 1e6); }) <
        kolmogorov_smirnov_limit);
  CHECK(model.minimum() == 10ms);
}

TEST_CASE("a heavy tail is cut at the longest duration instead of overflowing") {
  const auto model = LatencyModel::distributed(Distribution::pareto(0.01, 1e6));
  const auto samples = samples_of(model);
  CHECK(*std::min_element(samples.begin(), samples.end()) >= 1e6);
  CHECK(*std::max_element(samples.begin(), samples.end()) == static_cast<double>(longest_duration.count()));
}

TEST_CASE("latencies out of range are refused") {
  CHECK_THROWS_AS(LatencyModel::constant(-1ns), std::invalid_argument);
  CHECK_THROWS_AS(LatencyModel::constant(25h), std::invalid_argument);
  CHECK_THROWS_AS(LatencyModel::uniform(2ms, 1ms), std::invalid_argument);
  CHECK_THROWS_AS(LatencyModel::distributed(Distribution::uniform(-5, 5)), std::invalid_argument);
  CHECK_THROWS_AS(LatencyModel::matrix(nullptr), std::invalid_argument);
  CHECK_THROWS_AS(LatencyModel::matrix(std::make_shared<DelayMatrix>(0)), std::invalid_argument);
  CHECK_THROWS_AS(LatencyModel::plane(nullptr, 1ms, 1ms), std::invalid_argument);
  const auto bad = std::make_shared<const std::vector<PlanePoint>>(std::vector<PlanePoint>{{std::nan(""), 0}});
  CHECK_THROWS_AS(LatencyModel::plane(bad, 1ms, 1ms), std::invalid_argument);
}

}  // namespace peerbed::sim
