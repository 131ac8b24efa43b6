#pragma once
// Elementary functions whose results have the same bits on every machine. The C library's log, exp and others differ
// between versions and choose fused multiply-add variants at run time, and the last bit of one latency would change a
// whole run. These functions use only IEEE 754 + - * /, the square root (exact by the standard) and integer operations
// on the bits. The relative error is below 1e-14 unless stated otherwise.

namespace peerbed::sim::exact {

constexpr double pi = 3.141592653589793238462643383279502884;

// The natural logarithm; -infinity at 0, NaN below.
double log(double x) noexcept;
// Overflows to infinity and underflows to 0, like the C library's.
double exp(double x) noexcept;
// x^y for x >= 0; NaN for x < 0. The relative error is below (4 + |y log x|) * 2.3e-16.
double pow(double x, double y) noexcept;
double sqrt(double x) noexcept;

// Radians, |x| <= 1e6; NaN beyond that. The absolute error is below 1e-15.
double sin(double x) noexcept;
double cos(double x) noexcept;
// In [-pi/2, pi/2]; NaN for |x| > 1.
double asin(double x) noexcept;
double atan(double x) noexcept;
// The angle of the point (x, y) in [-pi, pi]; 0 at the origin.
double atan2(double y, double x) noexcept;

// The gamma function for 0.5 <= x <= 171 (Lanczos 1964): NaN below, infinity above. The relative error is below 1e-13
// up to 30.
double gamma(double x) noexcept;

// The standard normal distribution: its cumulative distribution function, to an absolute error of 1e-14 (Marsaglia
// 2004), and its inverse for 0 < p < 1 (algorithm AS 241, Wichura 1988).
double normal_cumulative(double z) noexcept;
double normal_quantile(double p) noexcept;

}  // namespace peerbed::sim::exact
