#pragma once
// The `options:` of a swim group in a scenario, read and checked.

#include <memory>

#include "protocols/swim/options.h"
#include "scenarios/ring/ring_places.h"

namespace peerbed::scenarios {

struct SwimOptions final : RingPlaces {
  std::shared_ptr<const swim::Options> options;
};

inline const std::shared_ptr<const swim::Options>& swim_options_of(const GroupPlan& group) {
  return static_cast<const SwimOptions&>(*group.options).options;
}

std::shared_ptr<const SwimOptions> read_swim_group(MapReader& map);

}  // namespace peerbed::scenarios
