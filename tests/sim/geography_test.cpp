#include "sim/network/geography.h"

#include <array>

#include "tests/catch.h"

namespace peerbed::sim {

TEST_CASE("great-circle distances are those of the sphere") {
  constexpr double quarter = 10007.543398010284;  // of a meridian: 6371 km * pi / 2
  CHECK(great_circle_km({0, 0}, {0, 0}) == 0);
  CHECK(great_circle_km({0, 0}, {0, 90}) == Approx(quarter).epsilon(1e-12));
  CHECK(great_circle_km({0, 0}, {90, 0}) == Approx(quarter).epsilon(1e-12));
  CHECK(great_circle_km({0, 0}, {0, 180}) == Approx(2 * quarter).epsilon(1e-12));
  CHECK(great_circle_km({90, 17}, {-90, -60}) == Approx(2 * quarter).epsilon(1e-12));
  CHECK(great_circle_km({10, 179}, {10, -179}) == Approx(great_circle_km({10, 1}, {10, -1})).epsilon(1e-12));
  // London to New York: 5570 km.
  CHECK(great_circle_km({51.5074, -0.1278}, {40.7128, -74.0060}) == Approx(5570).margin(1));
}

TEST_CASE("a cable is half as long again, at 200 km per millisecond") {
  // 6371 km * pi / 2 * 1.5 / 200 km/ms, rounded up to the nanosecond.
  CHECK(cable_delay({0, 0}, {0, 90}) == Duration{75'056'576});
  CHECK(cable_delay({5, 5}, {5, 5}) == Duration{0});
}

TEST_CASE("the middle of points is found across the date line") {
  const std::array<GeographicPoint, 2> points{{{0, 179}, {0, -177}}};
  const GeographicPoint middle = middle_of(points);
  CHECK(middle.latitude == Approx(0).margin(1e-12));
  CHECK(middle.longitude == Approx(-179));
  const std::array<GeographicPoint, 1> one{{{48.2, 16.4}}};
  CHECK(middle_of(one).latitude == Approx(48.2));
  CHECK(middle_of(one).longitude == Approx(16.4));
}

TEST_CASE("coordinates off the Earth are recognised") {
  CHECK(is_on_earth({90, -180}));
  CHECK_FALSE(is_on_earth({90.1, 0}));
  CHECK_FALSE(is_on_earth({0, 181}));
}

}  // namespace peerbed::sim
