// Every interleaving of exchanges of the shipped ring node.

#include "check/engine/explorer.h"
#include "tests/catch.h"
#include "tests/check/shipped/expected_counts.h"
#include "tests/check/shipped/shipped_ring.h"

using namespace peerbed;
using namespace peerbed::check;

namespace {

void check_exchanges(const ShippedRing& ring, const Counts& expected) {
  check_counts(*ring_system(ring, membership_form()), expected);
}

}  // namespace

TEST_CASE("three shipped nodes with one successor each keep Zave's invariant, and become ideal") {
  check_exchanges({.nodes = 3, .list_length = 1, .base = 2}, {4, 15, 2, 2});
}

TEST_CASE("four shipped nodes keep Zave's invariant in every state, and become ideal") {
  check_exchanges({.nodes = 4}, {37, 212, 9, 5});
}

TEST_CASE("five shipped nodes keep Zave's invariant in every state, and become ideal") {
  check_exchanges({.nodes = 5}, {2336, 19799, 22, 16});
}

TEST_CASE("six shipped nodes keep Zave's invariant in every state, and become ideal", "[.nightly]") {
  check_exchanges({.nodes = 6}, {188'633, 2'128'910, 38, 42});
}

TEST_CASE("four nodes that also check their predecessors and try lost peers again keep the invariant, too") {
  check_exchanges({.nodes = 4, .checks_predecessor = true}, {1'067'463, 10'137'852, 35, 259'970});
}

TEST_CASE("without a contract on failures a member loses everybody") {
  const auto system =
      ring_system({.nodes = 4, .is_guarded = false},
                  NodeForm<ring::Node>{{.commands = false, .timed = false, .horizon = std::chrono::hours(12)}});
  Explorer explorer(*system, {});
  const Exploration& found = explorer.run();
  CHECK(found.verdict() == Verdict::refuted);
  REQUIRE(found.nearest_broken());
  CHECK(explorer.depth_of(*found.nearest_broken()) == 1);
}
