#pragma once
// What the exploration of a shipped ring has to come to.

#include <cstddef>
#include <cstdint>

#include "check/engine/explorer.h"
#include "tests/catch.h"
#include "tests/check/shipped/shipped_ring.h"

namespace peerbed::check {

struct Expected {
  ShippedRing ring;
  std::uint64_t states;
  std::uint64_t transitions;
  std::uint32_t depth;
  std::size_t ideal;
};

// All states are seen, the properties hold, and maintenance leads to an ideal ring from each.
template <class System>
void check_counts(const System& system, const Expected& expected) {
  Explorer explorer(system, {.records_graph = true});
  const Exploration& found = explorer.run();
  CHECK(found.verdict() == Verdict::proved);
  CHECK(found.states == expected.states);
  CHECK(found.transitions == expected.transitions);
  CHECK(found.depth == expected.depth);
  CHECK(explorer.graph().ideal_states() == expected.ideal);
  CHECK_FALSE(explorer.graph().divergence());
}

}  // namespace peerbed::check
