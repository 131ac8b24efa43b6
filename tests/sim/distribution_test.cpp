#include "sim/random/distribution.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <vector>

#include "sim/random/exact_math.h"
#include "tests/catch.h"
#include "tests/sim/kolmogorov_smirnov.h"

namespace peerbed::sim {

namespace {

constexpr std::size_t sample_count = 200'000;

std::vector<double> samples_of(const Distribution& distribution, std::uint64_t seed = 7) {
  KeyedStream draws(key_of(seed, 1));
  std::vector<double> samples(sample_count);
  for (double& sample : samples) sample = distribution.sample(draws);
  return samples;
}

std::vector<double> length_biased_samples_of(const Distribution& distribution) {
  KeyedStream draws(key_of(7, 2));
  std::vector<double> samples(sample_count);
  for (double& sample : samples) sample = distribution.sample_length_biased(draws);
  return samples;
}

double normal_cumulative(double z) { return std::erfc(-z / std::sqrt(2.0)) / 2; }

// The mean must be within four standard errors of the mean that the distribution states.
void check_mean(const std::vector<double>& samples, double expected) {
  double sum = 0;
  for (const double sample : samples) sum += sample;
  const auto count = static_cast<double>(samples.size());
  const double mean = sum / count;
  double squares = 0;
  for (const double sample : samples) squares += (sample - mean) * (sample - mean);
  CHECK(std::abs(mean - expected) < 4 * std::sqrt(squares / count / count));
}

}  // namespace

TEST_CASE("samples follow their distributions by the Kolmogorov-Smirnov test") {
  const auto follows = [](const Distribution& distribution, auto cumulative) {
    return kolmogorov_smirnov(samples_of(distribution), cumulative) < kolmogorov_smirnov_limit;
  };
  CHECK(follows(Distribution::uniform(-3, 5), [](double x) { return (x + 3) / 8; }));
  CHECK(follows(Distribution::exponential(40), [](double x) { return 1 - std::exp(-x / 40); }));
  CHECK(
      follows(Distribution::weibull(0.615, 169.5), [](double x) { return 1 - std::exp(-std::pow(x / 169.5, 0.615)); }));
  CHECK(follows(Distribution::pareto(1.5, 20), [](double x) { return 1 - std::pow(20 / x, 1.5); }));
  CHECK(follows(Distribution::lomax(1.5, 20), [](double x) { return 1 - std::pow(1 + x / 20, -1.5); }));
  CHECK(follows(Distribution::log_normal(80, 0.7), [](double x) { return normal_cumulative(std::log(x / 80) / 0.7); }));
  CHECK(follows(Distribution::normal(50, 10, -1000), [](double x) { return normal_cumulative((x - 50) / 10); }));
  const double cut = normal_cumulative(-0.5);
  CHECK(follows(Distribution::normal(50, 10, 45),
                [cut](double x) { return (normal_cumulative((x - 50) / 10) - cut) / (1 - cut); }));
}

TEST_CASE("the Kolmogorov-Smirnov test notices a distribution that is slightly wrong") {
  CHECK(kolmogorov_smirnov(samples_of(Distribution::exponential(40)), [](double x) { return 1 - std::exp(-x / 41); }) >
        kolmogorov_smirnov_limit);
}

TEST_CASE("means of samples are the means that the distributions state") {
  for (const Distribution& distribution :
       {Distribution::constant(3), Distribution::uniform(2, 9), Distribution::exponential(40),
        Distribution::weibull(0.59, 41.9), Distribution::weibull(3, 10), Distribution::pareto(3, 2),
        Distribution::lomax(4, 9), Distribution::log_normal(80, 0.7), Distribution::normal(50, 10, 0),
        Distribution::normal(5, 10, 4)}) {
    CAPTURE(distribution.form().index());
    if (distribution.minimum() == distribution.mean()) continue;
    check_mean(samples_of(distribution), distribution.mean());
  }
  CHECK(Distribution::constant(3).mean() == 3);
  CHECK(Distribution::normal(5, 0, 1).mean() == 5);
  CHECK(Distribution::pareto(1, 2).mean() == std::numeric_limits<double>::infinity());
  CHECK(Distribution::lomax(1, 2).mean() == std::numeric_limits<double>::infinity());
}

TEST_CASE("a shape and a mean give the distribution that has both") {
  for (const double shape : {0.38, 1.0, 3.0})
    CHECK(Distribution::weibull_of_mean(shape, 70).mean() == Approx(70).epsilon(1e-12));
  for (const double shape : {1.5, 3.0}) {
    CHECK(Distribution::pareto_of_mean(shape, 70).mean() == Approx(70).epsilon(1e-12));
    CHECK(Distribution::lomax_of_mean(shape, 70).mean() == Approx(70).epsilon(1e-12));
  }
  CHECK(Distribution::lomax_of_mean(3, 70) == Distribution::lomax(3, 140));
  CHECK_THROWS_AS(Distribution::pareto_of_mean(1, 70), std::invalid_argument);
  CHECK_THROWS_AS(Distribution::lomax_of_mean(0.5, 70), std::invalid_argument);
  CHECK_THROWS_AS(Distribution::weibull_of_mean(2, 0), std::invalid_argument);
}

TEST_CASE("the published Weibull fits of session lengths have their known means") {
  // Minutes; scale * Gamma(1 + 1/shape).
  CHECK(Distribution::weibull(0.38, 42.4).mean() == Approx(42.4 * std::tgamma(1 + 1 / 0.38)).epsilon(1e-12));
  CHECK(Distribution::weibull(0.615, 169.5).mean() == Approx(169.5 * std::tgamma(1 + 1 / 0.615)).epsilon(1e-12));
  CHECK(Distribution::weibull(1, 12).mean() == Approx(12).epsilon(1e-12));
}

TEST_CASE("no sample is below the stated minimum") {
  for (const Distribution& distribution :
       {Distribution::uniform(2, 9), Distribution::pareto(3, 2), Distribution::normal(5, 10, 4),
        Distribution::normal(5, 0, 4), Distribution::normal(5, 0.1, -90), Distribution::log_normal(3, 0.5),
        Distribution::weibull(0.3, 1), Distribution::constant(-4)}) {
    CAPTURE(distribution.form().index());
    const auto samples = samples_of(distribution);
    CHECK(*std::min_element(samples.begin(), samples.end()) >= distribution.minimum());
  }
  // The least draw of a normal distribution decides those of log-normal ones.
  CHECK(exact::normal_quantile(0x1p-53) > -8.3);
  CHECK(Distribution::log_normal(3, 0.5).minimum() == 3 * exact::exp(0.5 * -8.3));
}

TEST_CASE("length-biased samples have the mean E X^2 / E X and their known distributions") {
  check_mean(length_biased_samples_of(Distribution::exponential(40)), 80);
  check_mean(length_biased_samples_of(Distribution::uniform(0, 9)), 6);
  check_mean(length_biased_samples_of(Distribution::pareto(5, 3)), 3 * 4.0 / 3);
  check_mean(length_biased_samples_of(Distribution::weibull(0.615, 10)),
             10 * std::tgamma(1 + 2 / 0.615) / std::tgamma(1 + 1 / 0.615));
  check_mean(length_biased_samples_of(Distribution::log_normal(80, 0.5)), 80 * std::exp(1.5 * 0.25));
  check_mean(length_biased_samples_of(Distribution::normal(50, 10, -0.0)), (2500 + 100) / 50.0);
  CHECK(kolmogorov_smirnov(length_biased_samples_of(Distribution::exponential(40)),
                           [](double x) { return 1 - std::exp(-x / 40) * (1 + x / 40); }) < kolmogorov_smirnov_limit);
  CHECK(kolmogorov_smirnov(length_biased_samples_of(Distribution::weibull(2, 1)), [](double x) {
          return std::erf(x) - 2 * x * std::exp(-x * x) / std::sqrt(std::acos(-1.0));
        }) < kolmogorov_smirnov_limit);
  // x f(x) / E X integrates to 1 - (1 + y)^-a (1 + a y) with y = x / scale, for every shape above 1.
  for (const double a : {1.2, 2.0, 3.0})
    CHECK(kolmogorov_smirnov(length_biased_samples_of(Distribution::lomax(a, 20)), [a](double x) {
            return 1 - std::pow(1 + x / 20, -a) * (1 + a * x / 20);
          }) < kolmogorov_smirnov_limit);
}

TEST_CASE("a length-biased sample needs a finite positive mean") {
  KeyedStream draws(1);
  CHECK(std::isnan(Distribution::pareto(1, 2).sample_length_biased(draws)));
  CHECK(std::isnan(Distribution::constant(0).sample_length_biased(draws)));
  CHECK(std::isnan(Distribution::uniform(-1, 2).sample_length_biased(draws)));
  CHECK(Distribution::constant(2).sample_length_biased(draws) == 2);
}

TEST_CASE("parameters out of range are refused") {
  const double nan = std::nan("");
  const double infinity = std::numeric_limits<double>::infinity();
  CHECK_THROWS_AS(Distribution::constant(nan), std::invalid_argument);
  CHECK_THROWS_AS(Distribution::uniform(2, 1), std::invalid_argument);
  CHECK_THROWS_AS(Distribution::uniform(0, infinity), std::invalid_argument);
  CHECK_THROWS_AS(Distribution::exponential(0), std::invalid_argument);
  CHECK_THROWS_AS(Distribution::weibull(0, 1), std::invalid_argument);
  CHECK_THROWS_AS(Distribution::weibull(1, nan), std::invalid_argument);
  CHECK_THROWS_AS(Distribution::pareto(-1, 1), std::invalid_argument);
  CHECK_THROWS_AS(Distribution::pareto(1, 0), std::invalid_argument);
  CHECK_THROWS_AS(Distribution::lomax(0, 1), std::invalid_argument);
  CHECK_THROWS_AS(Distribution::lomax(1, -1), std::invalid_argument);
  CHECK_THROWS_AS(Distribution::log_normal(0, 1), std::invalid_argument);
  CHECK_THROWS_AS(Distribution::log_normal(1, -1), std::invalid_argument);
  CHECK_THROWS_AS(Distribution::normal(1, -1), std::invalid_argument);
  CHECK_THROWS_AS(Distribution::normal(1, 1, 2), std::invalid_argument);
}

TEST_CASE("a duration is rounded up once, and clamped to its limits") {
  CHECK(round_up(40e6) == Duration{40'000'000});
  CHECK(round_up(40e6 + 0.25) == Duration{40'000'001});
  CHECK(round_up(0.1) == Duration{1});
  CHECK(round_up(0) == Duration{0});
  CHECK(round_up(-7) == Duration{0});
  CHECK(round_up(1e300) == longest_duration);
  CHECK(round_up(std::numeric_limits<double>::infinity()) == longest_duration);
  CHECK(round_up(std::nan("")) == longest_duration);
}

TEST_CASE("the same key gives the same samples, and another key others") {
  const auto distribution = Distribution::weibull(0.6, 100);
  CHECK(samples_of(distribution, 3) == samples_of(distribution, 3));
  CHECK(samples_of(distribution, 3) != samples_of(distribution, 4));
}

}  // namespace peerbed::sim
