#pragma once
// Points on the Earth, and how long a signal takes between them. Light in glass covers 200 km in a millisecond, two
// thirds of its speed in vacuum. Cables do not follow great circles, so a route is taken to be 1.5 times as long.

#include <span>

#include "protocols/environment/time.h"

namespace peerbed::sim {

constexpr double earth_radius_km = 6371.0;  // mean radius
constexpr double fibre_km_per_millisecond = 200;
constexpr double route_stretch = 1.5;

struct GeographicPoint {
  double latitude = 0;   // degrees north, -90 to 90
  double longitude = 0;  // degrees east, -180 to 180
  friend constexpr bool operator==(const GeographicPoint&, const GeographicPoint&) = default;
};

// Whether both coordinates are numbers in range.
bool is_on_earth(const GeographicPoint& point) noexcept;

// Distance along the great circle, on a sphere, in kilometres (haversine formula; Sinnott 1984).
double great_circle_km(const GeographicPoint& a, const GeographicPoint& b) noexcept;

// One-way delay of a cable between two points: the distance times route_stretch at the speed of light in fibre.
Duration cable_delay(const GeographicPoint& a, const GeographicPoint& b) noexcept;

// The middle of some points: the mean of their directions from the centre of the Earth, so that the date line does not
// matter. (0, 0) if there are no points or they cancel out.
GeographicPoint middle_of(std::span<const GeographicPoint> points) noexcept;

}  // namespace peerbed::sim
