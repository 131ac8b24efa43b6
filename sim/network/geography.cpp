#include "sim/network/geography.h"

#include <algorithm>

#include "sim/random/distribution.h"
#include "sim/random/exact_math.h"

namespace peerbed::sim {

namespace {

constexpr double radians_per_degree = exact::pi / 180;
constexpr double nanoseconds_per_km = 1e6 / fibre_km_per_millisecond;

double square(double x) noexcept { return x * x; }

}  // namespace

bool is_on_earth(const GeographicPoint& point) noexcept {
  return point.latitude >= -90 && point.latitude <= 90 && point.longitude >= -180 && point.longitude <= 180;
}

double great_circle_km(const GeographicPoint& a, const GeographicPoint& b) noexcept {
  const double a_latitude = a.latitude * radians_per_degree;
  const double b_latitude = b.latitude * radians_per_degree;
  const double across = exact::sin((b_latitude - a_latitude) / 2);
  const double along = exact::sin((b.longitude - a.longitude) * radians_per_degree / 2);
  const double haversine = square(across) + exact::cos(a_latitude) * exact::cos(b_latitude) * square(along);
  return 2 * earth_radius_km * exact::asin(exact::sqrt(std::min(haversine, 1.0)));
}

Duration cable_delay(const GeographicPoint& a, const GeographicPoint& b) noexcept {
  return round_up(great_circle_km(a, b) * route_stretch * nanoseconds_per_km);
}

GeographicPoint middle_of(std::span<const GeographicPoint> points) noexcept {
  double x = 0;
  double y = 0;
  double z = 0;
  for (const GeographicPoint& point : points) {
    const double latitude = point.latitude * radians_per_degree;
    const double longitude = point.longitude * radians_per_degree;
    x += exact::cos(latitude) * exact::cos(longitude);
    y += exact::cos(latitude) * exact::sin(longitude);
    z += exact::sin(latitude);
  }
  return {exact::atan2(z, exact::sqrt(x * x + y * y)) / radians_per_degree, exact::atan2(y, x) / radians_per_degree};
}

}  // namespace peerbed::sim
