#include "tests/ring/zave_overlay.h"

namespace peerbed::ring::zave {

namespace {

using Set = unsigned;  // of nodes, one bit each

constexpr bool contains(Set set, int node) { return (set >> node & 1) != 0; }

// The nodes that a node reaches through best successors; includes itself only if it is on a ring.
Set reached_from(const Overlay& overlay, int node) {
  Set reached = 0;
  for (int next = overlay.best[node]; next != nobody && !contains(reached, next); next = overlay.best[next])
    reached |= 1u << next;
  return reached;
}

bool skips_any_of(Set ring, const Overlay& overlay, int node) {
  const int best = overlay.best[node];
  if (best == node) return false;  // a ring of one skips the others by being a second ring
  for (int other = 0; other < maximum_nodes; ++other)
    if (contains(ring, other) && is_between(node, other, best)) return true;
  return false;
}

}  // namespace

Properties broken_properties(const Overlay& overlay) {
  std::array<Set, maximum_nodes> reached{};
  Set members = 0;
  Set ring = 0;
  for (int node = 0; node < maximum_nodes; ++node) {
    if (!overlay.members[node]) continue;
    members |= 1u << node;
    reached[node] = reached_from(overlay, node);
    if (contains(reached[node], node)) ring |= 1u << node;
  }
  Properties broken = members != 0 && ring == 0 ? at_least_one_ring : 0;
  for (int node = 0; node < maximum_nodes; ++node) {
    if (!contains(members, node)) continue;
    if (!contains(ring, node)) {
      if ((reached[node] & ring) == 0) broken |= connected_appendages;
      continue;
    }
    if ((ring & ~reached[node]) != 0) broken |= at_most_one_ring;
    if (skips_any_of(ring, overlay, node)) broken |= ordered_ring;
  }
  return broken;
}

}  // namespace peerbed::ring::zave
