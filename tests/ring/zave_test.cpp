// The corrected protocol of Zave (2017), explored exhaustively, against the counts that an independent program found.

#include "tests/catch.h"
#include "tests/ring/zave_model.h"

using namespace peerbed::ring::zave;

namespace {

struct Expected {
  Rules rules;
  std::size_t states;
  std::size_t transitions;
  int depth;
  std::size_t ideal;
};

void check(const Expected& expected) {
  INFO(expected.rules.nodes << " nodes, lists of " << expected.rules.list_length);
  const Exploration found = explore(expected.rules);
  CHECK_FALSE(found.violation);
  CHECK(found.states == expected.states);
  CHECK(found.transitions == expected.transitions);
  CHECK(found.depth == expected.depth);
  CHECK(found.ideal == expected.ideal);
  CHECK(found.stuck == 0);
}

Rules mutated(Mutant mutant, int nodes) { return {.nodes = nodes, .mutant = mutant}; }

}  // namespace

TEST_CASE("atomic stabilization keeps Zave's invariant in all reachable states") {
  check({{.nodes = 4, .list_length = 2, .base = 3}, 45, 196, 11, 5});
  check({{.nodes = 5, .list_length = 2, .base = 3}, 5296, 33280, 34, 16});
}

TEST_CASE("stabilization in interleaved parts keeps Zave's invariant in all reachable states") {
  check({{.nodes = 4, .list_length = 2, .base = 3, .interleaved = true}, 2577, 12224, 31, 107});
  check({{.nodes = 5, .list_length = 3, .base = 4, .interleaved = true}, 17851, 103210, 40, 316});
  check({{.nodes = 4, .list_length = 1, .base = 2, .interleaved = true}, 1468, 7263, 21, 90});
}

TEST_CASE("five nodes with interleaved parts keep Zave's invariant", "[.nightly]") {
  check({{.nodes = 5, .list_length = 2, .base = 3, .interleaved = true}, 777771, 5375975, 53, 1156});
}

TEST_CASE("the exploration finds what breaks the invariant, after as few events as can be") {
  CHECK(explore(mutated(Mutant::repeated_filler, 4)).violation == 5);
  CHECK(explore(mutated(Mutant::join_anywhere, 4)).violation == 1);
  CHECK(explore(mutated(Mutant::fail_unguarded, 4)).violation == 1);
  CHECK_FALSE(explore(mutated(Mutant::adopt_dead, 4)).violation);
  CHECK(explore(mutated(Mutant::adopt_dead, 5)).violation == 4);
}

TEST_CASE("a rectify that never replaces a dead predecessor is safe but gets stuck") {
  for (const auto& [nodes, stuck] : {std::pair(4, 4u), std::pair(5, 40u)}) {
    const Exploration found = explore(mutated(Mutant::keep_dead_predecessor, nodes));
    CHECK_FALSE(found.violation);
    CHECK(found.stuck == stuck);
  }
}
