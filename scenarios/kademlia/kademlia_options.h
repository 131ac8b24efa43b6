#pragma once
// The `options:` of a kademlia group in a scenario, read and checked.

#include <memory>

#include "protocols/kademlia/base/options.h"
#include "scenarios/ring/ring_places.h"

namespace peerbed::scenarios {

struct KademliaOptions final : RingPlaces {
  std::shared_ptr<const kademlia::Options> options;
};

inline const kademlia::Options& kademlia_options_of(const GroupPlan& group) {
  return *static_cast<const KademliaOptions&>(*group.options).options;
}

std::shared_ptr<const KademliaOptions> read_kademlia_group(MapReader& map);

}  // namespace peerbed::scenarios
