#include "sim/network/cities.h"

#include <cmath>
#include <set>
#include <stdexcept>
#include <string_view>
#include <vector>

#include "tests/catch.h"

namespace peerbed::sim {

namespace {

using namespace std::chrono_literals;

double total_population() {
  double total = 0;
  for (const City& city : world_cities()) total += city.population;
  return total;
}

}  // namespace

TEST_CASE("the world's cities have unique names, locations on the Earth, and people") {
  std::set<std::string_view> names;
  for (const City& city : world_cities()) {
    CAPTURE(city.name);
    CHECK(names.insert(city.name).second);
    CHECK(is_on_earth(city.location));
    CHECK(city.population > 0);
    CHECK(city.population < 40);
  }
  CHECK(names.size() >= 200);
}

TEST_CASE("delays between cities are the cable's plus the access at both ends") {
  const DelayMatrix delays = city_delays(3ms);
  const auto london = *delays.find("London");
  const auto new_york = *delays.find("New York");
  // 5570 km at 200 km/ms, times 1.5.
  CHECK(std::abs(static_cast<double>((delays(london, new_york) - 6ms - 41'775us).count())) < 20'000);
  CHECK(delays(london, new_york) == delays(new_york, london));
  CHECK(delays(london, london) == 6ms);
  CHECK(city_delays(0ms)(london, london) == 0ms);
  CHECK_THROWS_AS(city_delays(-1ms), std::invalid_argument);
  CHECK_THROWS_AS(city_delays(2s), std::invalid_argument);
}

TEST_CASE("delays between cities are close to those measured between such cities") {
  // Between WonderNetwork's 222 cities, which are different ones, the mean round trip is 151 ms; between these it is
  // 129 ms.
  const DelayMatrix delays = city_delays();
  double sum = 0;
  for (SiteIndex from = 0; from < delays.size(); ++from)
    for (SiteIndex to = 0; to < delays.size(); ++to)
      if (from != to) sum += 2e-6 * static_cast<double>(delays(from, to).count());
  const auto count = static_cast<double>(delays.size());
  CHECK(sum / (count * (count - 1)) == Approx(151).epsilon(0.15));
}

TEST_CASE("hosts are spread over cities by population") {
  constexpr std::size_t hosts = 200'000;
  KeyedStream draws(key_of(1, 2));
  const auto sites = sites_by_population(hosts, draws);
  REQUIRE(sites.size() == hosts);
  std::vector<double> counts(world_cities().size());
  for (const SiteIndex site : sites) counts.at(site) += 1;
  double chi_square = 0;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    const double expected = hosts * world_cities()[i].population / total_population();
    chi_square += (counts[i] - expected) * (counts[i] - expected) / expected;
  }
  // Chi-square of n degrees of freedom is about normal with mean n and variance 2 n.
  const auto freedom = static_cast<double>(counts.size() - 1);
  CHECK(std::abs(chi_square - freedom) < 4 * std::sqrt(2 * freedom));
}

TEST_CASE("one more host leaves the others where they were") {
  KeyedStream some(8);
  KeyedStream more(8);
  const auto before = sites_by_population(100, some);
  auto after = sites_by_population(101, more);
  after.pop_back();
  CHECK(before == after);
}

}  // namespace peerbed::sim
