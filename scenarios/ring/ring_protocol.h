#pragma once
// The circular DHT of protocols/ring as a scenario protocol: its options, its members' positions on the ring, its
// checks.

#include <memory>

#include "protocols/ring/base/options.h"
#include "scenarios/protocol/protocol.h"

namespace peerbed::scenarios {

// "ring". A group's options are those of ring::Options by their names there, and
//   identifiers: [2, 4, 5]   the keys of the group's nodes, which are then called "peer 2" and so on; drawn when absent
std::shared_ptr<const Protocol> ring_protocol();

// Those of ring::Options.
void read_ring_options(MapReader& map, ring::Options& options);

}  // namespace peerbed::scenarios
