#pragma once
// Where the nodes of a ring's groups are to be, as the groups' `options:` say it.

#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "protocols/ring/base/key.h"
#include "scenarios/protocol/protocol.h"

namespace peerbed::scenarios {

// What the `options:` of all groups of a ring have in common, whatever node runs there.
struct RingPlaces : GroupOptions {
  unsigned key_bits = 64;
  std::vector<ring::Key> identifiers;  // none: drawn
  bool checks_reachability = false;    // nodes that others cannot reach are guests
  bool can_be_given = false;           // whether `identifiers` is an option

  std::string name_of(std::size_t index) const override {
    return identifiers.empty() ? std::string() : "peer " + std::to_string(identifiers[index].value);
  }
};

inline const RingPlaces& places_of(const GroupPlan& group) { return static_cast<const RingPlaces&>(*group.options); }

// Reads `identifiers` for a group of this many nodes.
void read_identifiers(MapReader& map, std::size_t count, RingPlaces& places);
// Refuses groups that do not fit into one ring in which each node has its own key. Returns the keys of all nodes;
// nothing if some are drawn.
std::optional<std::set<ring::Key>> check_ring_places(std::span<const GroupInFile> groups);

}  // namespace peerbed::scenarios
