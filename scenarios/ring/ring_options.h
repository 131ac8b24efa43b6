#pragma once
// The `options:` of a ring group in a scenario, read and checked.

#include <memory>
#include <span>

#include "protocols/ring/base/options.h"
#include "scenarios/protocol/protocol.h"
#include "scenarios/ring/ring_places.h"

namespace peerbed::scenarios {

struct RingOptions final : RingPlaces {
  std::shared_ptr<const ring::Options> options;
};

inline const RingOptions& ring_options_of(const GroupPlan& group) {
  return static_cast<const RingOptions&>(*group.options);
}

std::shared_ptr<const RingOptions> read_ring_group(MapReader& map, std::size_t count);
// Checks that they can form one ring, in which each node has its own key.
void check_ring_groups(std::span<const GroupInFile> groups);

}  // namespace peerbed::scenarios
