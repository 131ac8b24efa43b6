#include "sim/random/exact_math.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

#include "tests/catch.h"

namespace peerbed::sim {

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

double relative_error(double ours, double theirs) {
  return theirs == 0 ? std::abs(ours) : std::abs(ours - theirs) / std::abs(theirs);
}

// The worst relative error over a geometric grid of about 200,000 points.
template <class Ours, class Theirs>
double worst_on_geometric_grid(double low, double high, Ours ours, Theirs theirs) {
  double worst = 0;
  const double step = std::exp(std::log(high / low) / 200'000);
  for (double x = low; x < high; x *= step) worst = std::max(worst, relative_error(ours(x), theirs(x)));
  return worst;
}

// The worst absolute error over an even grid of about 200,000 points.
template <class Ours, class Theirs>
double worst_on_even_grid(double low, double high, Ours ours, Theirs theirs) {
  double worst = 0;
  for (int i = 0; i <= 200'000; ++i) {
    const double x = low + (high - low) * i / 200'000;
    worst = std::max(worst, std::abs(ours(x) - theirs(x)));
  }
  return worst;
}

constexpr auto std_log = [](double x) { return std::log(x); };
constexpr auto std_exp = [](double x) { return std::exp(x); };
constexpr auto std_sin = [](double x) { return std::sin(x); };
constexpr auto std_cos = [](double x) { return std::cos(x); };

}  // namespace

TEST_CASE("the exact logarithm agrees with the library's to 1e-15") {
  CHECK(worst_on_geometric_grid(5e-324, 1e308, exact::log, std_log) < 1e-15);
  CHECK(worst_on_geometric_grid(0.5, 2.0, exact::log, std_log) < 1e-15);
  CHECK(worst_on_geometric_grid(0x1p-53, 1.0, exact::log, std_log) < 1e-15);
  CHECK(exact::log(1) == 0);
  CHECK(exact::log(0) == -infinity);
  CHECK(exact::log(infinity) == infinity);
  CHECK(std::isnan(exact::log(-1)));
}

TEST_CASE("the exact exponential agrees with the library's to 1e-15") {
  double worst = 0;
  for (double x = -708; x < 709.7; x += 0.00712) worst = std::max(worst, relative_error(exact::exp(x), std::exp(x)));
  CHECK(worst < 1e-15);
  CHECK(worst_on_geometric_grid(1e-300, 1.0, exact::exp, std_exp) < 1e-15);
  CHECK(exact::exp(0) == 1);
  CHECK(exact::exp(710) == infinity);
  CHECK(exact::exp(infinity) == infinity);
  CHECK(exact::exp(-infinity) == 0);
  CHECK(exact::exp(-740) == Approx(std::exp(-740)).epsilon(0.01));  // subnormal
  CHECK(std::isnan(exact::exp(std::nan(""))));
}

TEST_CASE("exact powers err by less than their bound") {
  double worst = 0;  // as a multiple of the stated bound
  for (double y = -20; y <= 20; y += 0.37)
    for (double x = 1e-6; x < 1e6; x *= 1.013) {
      const double promised = (4 + std::abs(y * std::log(x))) * 2.3e-16;
      worst = std::max(worst, relative_error(exact::pow(x, y), std::pow(x, y)) / promised);
    }
  CHECK(worst < 1);
  CHECK(exact::pow(0, 2) == 0);
  CHECK(exact::pow(0, -1) == infinity);
  CHECK(exact::pow(0, 0) == 1);
  CHECK(exact::pow(7, 1) == 7);
  CHECK(std::isnan(exact::pow(-1, 0.5)));
}

TEST_CASE("exact sines and cosines agree with the library's to 1e-15") {
  CHECK(worst_on_even_grid(-10, 10, exact::sin, std_sin) < 1e-15);
  CHECK(worst_on_even_grid(-10, 10, exact::cos, std_cos) < 1e-15);
  CHECK(worst_on_even_grid(-1e6, 1e6, exact::sin, std_sin) < 1e-15);
  CHECK(worst_on_even_grid(-1e6, 1e6, exact::cos, std_cos) < 1e-15);
  CHECK(std::isnan(exact::sin(1e7)));
  CHECK(std::isnan(exact::cos(infinity)));
}

TEST_CASE("exact inverse angles agree with the library's to 1e-15") {
  CHECK(worst_on_even_grid(-1, 1, exact::asin, [](double x) { return std::asin(x); }) < 1e-15);
  CHECK(worst_on_even_grid(-50, 50, exact::atan, [](double x) { return std::atan(x); }) < 1e-15);
  CHECK(exact::atan(infinity) == Approx(exact::pi / 2));
  CHECK(std::isnan(exact::asin(1.0000001)));
  for (const double y : {-2.0, -0.5, 0.0, 0.5, 2.0})
    for (const double x : {-2.0, -0.5, 0.5, 2.0}) CHECK(exact::atan2(y, x) == Approx(std::atan2(y, x)).epsilon(1e-15));
  CHECK(exact::atan2(3, 0) == exact::pi / 2);
  CHECK(exact::atan2(-3, 0) == -exact::pi / 2);
  CHECK(exact::atan2(0, 0) == 0);
}

TEST_CASE("the exact gamma function agrees with the library's to 1e-13 up to 30") {
  CHECK(worst_on_geometric_grid(0.5, 30.0, exact::gamma, [](double x) { return std::tgamma(x); }) < 1e-13);
  CHECK(worst_on_geometric_grid(30.0, 171.0, exact::gamma, [](double x) { return std::tgamma(x); }) < 1e-12);
  CHECK(exact::gamma(172) == infinity);
  CHECK(std::isnan(exact::gamma(0.4)));
}

TEST_CASE("the exact normal distribution agrees with the library's error function") {
  CHECK(worst_on_even_grid(-9, 9, exact::normal_cumulative,
                           [](double z) { return std::erfc(-z / std::sqrt(2.0)) / 2; }) < 1e-14);
}

TEST_CASE("the normal quantile inverts the normal distribution") {
  double worst = 0;
  for (double p = 1e-300; p < 0.5; p *= 1.01) {
    const double z = exact::normal_quantile(p);
    // An error of z causes a relative error of p about |z| times as large.
    worst = std::max(worst, relative_error(std::erfc(-z / std::sqrt(2.0)) / 2, p) / (1 + z * z));
  }
  CHECK(worst < 2e-15);
  CHECK(exact::normal_quantile(0.5) == 0);
  CHECK(exact::normal_quantile(0.975) == Approx(1.959963984540054).epsilon(1e-14));
  CHECK(exact::normal_quantile(0.03125) == -exact::normal_quantile(0.96875));
  CHECK(std::isnan(exact::normal_quantile(0)));
  CHECK(std::isnan(exact::normal_quantile(1)));
}

TEST_CASE("exact results have these very bits on every machine") {
  std::uint64_t digest = 0;
  const auto fold = [&digest](double value) {
    digest = (digest ^ std::bit_cast<std::uint64_t>(value)) * 0x100000001B3;
  };
  for (int i = 1; i <= 10'000; ++i) {
    const double x = i * 0.00123;
    fold(exact::log(x));
    fold(exact::exp(x));
    fold(exact::pow(x, 1.7));
    fold(exact::sin(x));
    fold(exact::cos(x));
    fold(exact::atan(x));
    fold(exact::gamma(x + 1));
    fold(exact::normal_quantile(i / 10'001.0));
    fold(exact::normal_cumulative(x - 6));
  }
  CHECK(digest == 0x5ddb5d58f7a01c15);
}

}  // namespace peerbed::sim
