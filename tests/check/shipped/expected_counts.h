#pragma once
// What the exploration of shipped nodes has to come to.

#include <cstddef>
#include <cstdint>
#include <optional>

#include "check/engine/explorer.h"
#include "tests/catch.h"

namespace peerbed::check {

struct Counts {
  std::uint64_t states;
  std::uint64_t transitions;
  std::uint32_t depth;
  std::optional<std::size_t> ideal = std::nullopt;  // states; none: any number of them
};

// All states are seen, the properties hold, and maintenance leads to an ideal state from each.
template <class System>
void check_counts(const System& system, const Counts& expected) {
  Explorer explorer(system, {.records_graph = true});
  const Exploration& found = explorer.run();
  CHECK(found.verdict() == Verdict::proved);
  CHECK(found.states == expected.states);
  CHECK(found.transitions == expected.transitions);
  CHECK(found.depth == expected.depth);
  if (expected.ideal) CHECK(explorer.graph().ideal_states() == *expected.ideal);
  CHECK_FALSE(explorer.graph().divergence());
}

}  // namespace peerbed::check
