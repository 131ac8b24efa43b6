#pragma once
// What the lanes of a world share. While several threads handle events, each changes only what belongs to the hosts of
// its lane: their entries here, their nodes, their links and their disks. Everything else changes between windows.

#include <cstdint>
#include <vector>

#include "sim/core/types.h"
#include "sim/engine/hosts.h"
#include "sim/engine/liars.h"
#include "sim/engine/local_clocks.h"
#include "sim/engine/world_options.h"
#include "sim/network/network.h"
#include "sim/network/partition.h"
#include "sim/storage/disks.h"

namespace peerbed::sim {

struct Commons {
  explicit Commons(const WorldOptions& world_options);

  Address address_of(NodeIndex node) const noexcept { return sim::address_of(node, options.family); }

  WorldOptions options;
  std::uint64_t random_key;  // of the nodes' draws
  Hosts hosts;
  Network network;
  Disks disks;
  LocalClocks clocks;
  Liars liars;
  std::uint32_t outside_sequence = 0;  // numbers the actions from outside
  std::vector<LaneIndex> lane_of;      // of each host; empty while there is one lane
};

}  // namespace peerbed::sim
