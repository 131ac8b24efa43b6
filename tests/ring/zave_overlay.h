#pragma once
// A ring reduced to an arrow from each member to its best successor, and the four properties that Zave (2012) requires
// of it. In general no maintenance restores them.

#include <array>
#include <cstdint>

#include "tests/ring/zave_event.h"

namespace peerbed::ring::zave {

// Whether `middle` lies strictly inside the clockwise arc; the arc from a node to itself is everything but that node.
constexpr bool is_between(int from, int middle, int to) {
  if (from < to) return from < middle && middle < to;
  return from < middle || middle < to;
}

constexpr int nobody = -1;

// The best successor of each member: the first live entry of its list; `nobody` for a node that is not a member.
struct Overlay {
  std::array<bool, maximum_nodes> members{};
  std::array<int, maximum_nodes> best{};
};

// A set of properties is the sum of its members.
using Properties = unsigned;
constexpr Properties at_least_one_ring = 1;
constexpr Properties at_most_one_ring = 2;
constexpr Properties ordered_ring = 4;  // no ring member lies between another one and its best successor
constexpr Properties connected_appendages = 8;

// The violated properties. A network without members violates none.
Properties broken_properties(const Overlay& overlay);

}  // namespace peerbed::ring::zave
