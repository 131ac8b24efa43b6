#pragma once
// What distinguishes one run of a search from another: the seed, a few numbers of the network, and what is done to the
// nodes, as deeds that begin and mostly end again. A contract (contract.h) turns it into scheduled actions.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "host/node_index.h"
#include "protocols/environment/time.h"
#include "scenarios/protocol/tolerance.h"

namespace peerbed::scenarios {

struct Deed {
  SearchFault kind = SearchFault::crash;
  Duration at{};
  Duration length{};               // zero: for good
  NodeIndex node = 0;              // to which it is done
  std::vector<NodeIndex> company;  // of a partition or clog: others on the node's side, in order
  bool one_way = false;            // of a partition
  Duration offset{};               // of a clock
  std::int64_t drift_ppb = 0;      // of a clock
  std::string line;                // a command

  friend bool operator==(const Deed&, const Deed&) = default;
};

struct Genome {
  std::uint64_t seed = 1;
  std::optional<Duration> latency;  // whole milliseconds
  std::uint32_t loss = 0;           // per mille
  std::uint32_t duplicate = 0;      // per mille
  std::vector<Deed> deeds;          // in order of time

  friend bool operator==(const Genome&, const Genome&) = default;
};

}  // namespace peerbed::scenarios
