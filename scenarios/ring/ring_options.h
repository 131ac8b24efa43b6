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
  bool is_reachability_said = false;  // by the author: `check_reachability`
};

inline const RingOptions& ring_options_of(const GroupPlan& group) {
  return static_cast<const RingOptions&>(*group.options);
}

std::shared_ptr<const RingOptions> read_ring_group(MapReader& map, std::size_t count);
// Where some nodes are behind NATs or firewalls, nodes find out whether they are, unless the author says otherwise.
std::shared_ptr<const RingOptions> among_gateways(std::shared_ptr<const RingOptions> options);
// Checks that they can form one ring, in which each node has its own key.
void check_ring_groups(std::span<const GroupInFile> groups);

}  // namespace peerbed::scenarios
