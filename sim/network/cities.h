#pragma once
// The world's larger cities as the sites of a network, for hosts whose locations are not known better. Delays follow
// from the cities' locations; hosts are spread over them in proportion to population.

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "protocols/environment/random.h"
#include "protocols/environment/time.h"
#include "sim/core/types.h"
#include "sim/network/delay_matrix.h"
#include "sim/network/geography.h"

namespace peerbed::sim {

struct City {
  std::string_view name;  // unique
  GeographicPoint location;
  double population;  // of the metropolitan area, in millions, about 2020
};

// Some 270 cities on all inhabited continents. A site's index is its index here.
std::span<const City> world_cities() noexcept;

// From a host to its provider's network, one way: between fibre (about 1 ms) and cable or DSL (5 to 15 ms).
constexpr Duration default_access_delay{2'000'000};

// Between two hosts: the cable between their cities plus the access delay at both ends; within a city, only the access
// delays. Throws std::invalid_argument for an access delay outside [0, 1 s].
DelayMatrix city_delays(Duration access_delay = default_access_delay);

// Assigns each of `hosts` hosts a city, by population; the n-th host takes the n-th draw.
std::vector<SiteIndex> sites_by_population(std::size_t hosts, KeyedStream& draws);

}  // namespace peerbed::sim
