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

// Losses, duplicates and latencies are those of a single message. Those of the network are not deeds.
constexpr bool is_about_message(SearchFault kind) noexcept {
  return kind == SearchFault::loss || kind == SearchFault::duplicate || kind == SearchFault::latency;
}

struct Deed {
  SearchFault kind = SearchFault::crash;
  Duration at{};
  Duration length{};               // zero: for good; of a message: how much later it arrives, or its second copy
  NodeIndex node = 0;              // to which it is done; of a message: its sender
  std::vector<NodeIndex> company;  // of a partition or clog: others on the node's side, in order; of a message: to whom
  bool one_way = false;            // of a partition
  Duration offset{};               // of a clock
  std::int64_t drift_ppb = 0;      // of a clock
  std::string line;                // a command
  std::uint8_t message = 0;  // Header::kind of the next message to one node, which is lost, doubled or delayed; 0: any

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
