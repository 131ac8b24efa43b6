#include "sim/random/exact_math.h"

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

namespace peerbed::sim::exact {

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

// log 2 in two parts: the first has 33 bits, so that its product with an exponent is exact.
constexpr double log_2_high = 0x1.62e42fef00000p-1;
constexpr double log_2_low = 0x1.473de6af278edp-34;

// Pi / 2 in three parts: the first two have 33 bits each, so that their products with up to 20 bits are exact.
constexpr double half_pi_high = 0x1.921fb54400000p+0;
constexpr double half_pi_middle = 0x1.0b4611a600000p-34;
constexpr double half_pi_low = 0x1.3198a2e037073p-69;

constexpr double largest_angle = 1e6;

// 2^n for n in [-1022, 1023].
double power_of_two(int n) noexcept { return std::bit_cast<double>(static_cast<std::uint64_t>(n + 1023) << 52); }

// The nearest integer, for |x| < 2^31.
int nearest(double x) noexcept { return static_cast<int>(x < 0 ? x - 0.5 : x + 0.5); }

// Evaluates a polynomial by Horner's scheme, from the highest power down.
template <std::size_t N>
double polynomial(double x, const std::array<double, N>& coefficients) noexcept {
  double sum = 0;
  for (const double coefficient : coefficients) sum = sum * x + coefficient;
  return sum;
}

// The Taylor series on [-pi/4, pi/4].
double sin_near_zero(double x) noexcept {
  const double square = x * x;
  double sum = 1;
  for (int n = 18; n >= 2; n -= 2) sum = 1 - square / (n * (n + 1)) * sum;
  return x * sum;
}

double cos_near_zero(double x) noexcept {
  const double square = x * x;
  double sum = 1;
  for (int n = 17; n >= 1; n -= 2) sum = 1 - square / (n * (n + 1)) * sum;
  return sum;
}

// The sine of x + quarters * pi/2.
double sin_of_quarters(double x, int quarters) noexcept {
  const int whole = nearest(x * (2 / pi));
  const double rest = ((x - whole * half_pi_high) - whole * half_pi_middle) - whole * half_pi_low;
  switch ((whole + quarters) & 3) {
    case 0:
      return sin_near_zero(rest);
    case 1:
      return cos_near_zero(rest);
    case 2:
      return -sin_near_zero(rest);
    default:
      return -cos_near_zero(rest);
  }
}

// For 0 <= x <= 1: atan x = atan(k/8) + atan((x - k/8) / (1 + x k/8)), with k chosen to leave at most 1/16.
double atan_up_to_one(double x) noexcept {
  static constexpr std::array<double, 9> atan_of_eighths = {
      0,
      0.12435499454676144,
      0.24497866312686414,
      0.35877067027057225,
      0.4636476090008061,
      0.5585993153435624,
      0.6435011087932844,
      0.7188299996216245,
      0.7853981633974483,
  };
  const int eighths = nearest(x * 8);
  const double center = eighths / 8.0;
  const double rest = (x - center) / (1 + x * center);
  const double square = rest * rest;
  double sum = 0;
  for (int n = 17; n >= 1; n -= 2) sum = 1.0 / n - square * sum;
  return atan_of_eighths[static_cast<std::size_t>(eighths)] + rest * sum;
}

}  // namespace

double sqrt(double x) noexcept { return std::sqrt(x); }

double log(double x) noexcept {
  if (!(x >= 0)) return not_a_number;
  if (x == 0) return -infinity;
  if (x == infinity) return infinity;
  int exponent = 0;
  if (x < std::numeric_limits<double>::min()) {
    x *= 0x1p54;
    exponent = -54;
  }
  auto bits = std::bit_cast<std::uint64_t>(x);
  exponent += static_cast<int>(bits >> 52) - 1023;
  bits = (bits & 0x000F'FFFF'FFFF'FFFFULL) | 0x3FF0'0000'0000'0000ULL;
  double mantissa = std::bit_cast<double>(bits);
  if (mantissa > 1.4142135623730951) {
    mantissa /= 2;
    ++exponent;
  }
  // log m = 2 atanh(s) with s = (m - 1) / (m + 1), and |s| <= 0.172.
  const double s = (mantissa - 1) / (mantissa + 1);
  const double square = s * s;
  double sum = 0;
  for (int n = 21; n >= 3; n -= 2) sum = sum * square + 2.0 / n;
  return exponent * log_2_high + (2 * s + (s * square * sum + exponent * log_2_low));
}

double exp(double x) noexcept {
  if (x != x) return not_a_number;
  if (x > 709.8) return infinity;
  if (x < -745.2) return 0;
  const int exponent = nearest(x / 0.6931471805599453);
  const double rest = (x - exponent * log_2_high) - exponent * log_2_low;
  double sum = 1;
  for (int n = 15; n >= 1; --n) sum = 1 + rest / n * sum;
  // Two factors, because one alone may be out of range when the result is not.
  const int half = exponent / 2;
  return sum * power_of_two(half) * power_of_two(exponent - half);
}

double pow(double x, double y) noexcept {
  if (y == 0 || x == 1) return 1;
  if (y == 1) return x;
  if (x == 0) return y > 0 ? 0 : infinity;
  return exp(y * log(x));
}

double sin(double x) noexcept {
  return x >= -largest_angle && x <= largest_angle ? sin_of_quarters(x, 0) : not_a_number;
}

double cos(double x) noexcept {
  return x >= -largest_angle && x <= largest_angle ? sin_of_quarters(x, 1) : not_a_number;
}

double atan(double x) noexcept {
  if (x < 0) return -atan(-x);
  return x <= 1 ? atan_up_to_one(x) : pi / 2 - atan_up_to_one(1 / x);
}

double atan2(double y, double x) noexcept {
  if (x == 0) return y > 0 ? pi / 2 : y < 0 ? -pi / 2 : 0;
  const double angle = atan(y / x);
  if (x > 0) return angle;
  return y < 0 ? angle - pi : angle + pi;
}

double asin(double x) noexcept {
  if (!(x >= -1 && x <= 1)) return not_a_number;
  return atan2(x, sqrt((1 - x) * (1 + x)));
}

double gamma(double x) noexcept {
  if (!(x >= 0.5)) return not_a_number;
  if (x > 171) return infinity;
  static constexpr double g = 7;
  static constexpr std::array<double, 9> terms = {
      0.99999999999980993, 676.5203681218851,    -1259.1392167224028,   771.32342877765313,    -176.61502916214059,
      12.507343278686905,  -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
  };
  double sum = terms[0];
  for (std::size_t i = 1; i < terms.size(); ++i) sum += terms[i] / (x - 1 + static_cast<double>(i));
  const double base = x + g - 0.5;
  // The power in two halves: the whole would overflow before the result does.
  const double half_power = pow(base, (x - 0.5) / 2);
  return 2.5066282746310002 * sum * half_power * exp(-base) * half_power;
}

double normal_cumulative(double z) noexcept {
  if (z != z) return not_a_number;
  if (z > 8.5) return 1;
  if (z < -8.5) return 0;
  // The terms z^(2n+1) / (1 * 3 * ... * (2n+1)) grow at first and vanish after about 100.
  double term = z;
  double sum = z;
  for (int n = 3; n < 400 && sum + term != sum; n += 2) {
    term *= z * z / n;
    sum += term;
  }
  return 0.5 + sum * exp(-z * z / 2) * 0.3989422804014327;
}

double normal_quantile(double p) noexcept {
  if (!(p > 0 && p < 1)) return not_a_number;
  static constexpr std::array<double, 8> central_top = {
      2509.0809287301226727, 33430.575583588128105, 67265.770927008700853, 45921.953931549871457,
      13731.693765509461125, 1971.5909503065514427, 133.14166789178437745, 3.387132872796366608};
  static constexpr std::array<double, 8> central_bottom = {
      5226.495278852854561,  28729.085735721942674, 39307.89580009271061,  21213.794301586595867,
      5394.1960214247511077, 687.1870074920579083,  42.313330701600911252, 1};
  static constexpr std::array<double, 8> middle_top = {
      7.7454501427834140764e-4, .0227238449892691845833, .24178072517745061177, 1.27045825245236838258,
      3.64784832476320460504,   5.7694972214606914055,   4.6303378461565452959, 1.42343711074968357734};
  static constexpr std::array<double, 8> middle_bottom = {
      1.05075007164441684324e-9, 5.475938084995344946e-4, .0151986665636164571966, .14810397642748007459,
      .68976733498510000455,     1.6763848301838038494,   2.05319162663775882187,  1};
  static constexpr std::array<double, 8> tail_top = {
      2.01033439929228813265e-7, 2.71155556874348757815e-5, .0012426609473880784386, .026532189526576123093,
      .29656057182850489123,     1.7848265399172913358,     5.4637849111641143699,   6.6579046435011037772};
  static constexpr std::array<double, 8> tail_bottom = {
      2.04426310338993978564e-15, 1.4215117583164458887e-7, 1.8463183175100546818e-5, 7.868691311456132591e-4,
      .0148753612908506148525,    .13692988092273580531,    .59983220655588793769,    1};
  const double q = p - 0.5;
  if (q >= -0.425 && q <= 0.425) {
    const double r = 0.180625 - q * q;
    return q * polynomial(r, central_top) / polynomial(r, central_bottom);
  }
  const double r = sqrt(-log(q < 0 ? p : 1 - p));
  const double z = r <= 5 ? polynomial(r - 1.6, middle_top) / polynomial(r - 1.6, middle_bottom)
                          : polynomial(r - 5, tail_top) / polynomial(r - 5, tail_bottom);
  return q < 0 ? -z : z;
}

}  // namespace peerbed::sim::exact
