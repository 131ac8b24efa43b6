// The corrected protocol of Zave (2017), explored exhaustively and compared with the counts of an independent program.

#include "tests/ring/zave_corrected.h"
#include "tests/catch.h"
#include "tests/ring/zave_convergence.h"
#include "tests/ring/zave_search.h"

using namespace peerbed::ring::zave;

namespace {

using State = Corrected::State;
using Rules = Corrected::Rules;
using Mutant = Corrected::Mutant;

struct Expected {
  Rules rules;
  std::size_t states;
  std::size_t transitions;
  int depth;
  std::size_t ideal;
};

std::size_t count_ideal(const Corrected& model, const Exploration<State>& found) {
  return found.count([&](const State& state) { return model.is_ideal(state); });
}

// States that are not ideal but that no maintenance changes.
std::size_t count_stuck(const Corrected& model, const Exploration<State>& found) {
  return found.count([&](const State& state) { return !model.is_ideal(state) && !can_change(model, state); });
}

// All reachable states, or those until the invariant breaks.
Exploration<State> explore_while_safe(const Corrected& model) {
  return explore(model, [&](const State& state) { return !model.keeps_invariant(state); });
}

void check(const Expected& expected) {
  INFO(expected.rules.nodes << " nodes, lists of " << expected.rules.list_length);
  const Corrected model(expected.rules);
  const auto found = explore_while_safe(model);
  CHECK_FALSE(found.stopped);
  CHECK(found.states.size() == expected.states);
  CHECK(found.transitions == expected.transitions);
  CHECK(found.depth() == expected.depth);
  CHECK(count_ideal(model, found) == expected.ideal);
  CHECK(count_stuck(model, found) == 0);
  // The invariant implies what Zave requires of any ring.
  CHECK(found.count([&](const State& state) { return broken_properties(model.overlay(state)) != 0; }) == 0);
  CHECK(found.count([&](const State& state) { return model.has_duplicates(state); }) == 0);
}

// The fewest events after which a mutant breaks the invariant.
std::optional<int> events_to_break(Mutant mutant, int nodes) {
  const auto found = explore_while_safe(Corrected({.nodes = nodes, .mutant = mutant}));
  return found.stopped ? std::optional(found.depth()) : std::nullopt;
}

void check_safe(Mutant mutant, int nodes, std::size_t stuck) {
  INFO(nodes << " nodes");
  const Corrected model({.nodes = nodes, .mutant = mutant});
  const auto found = explore_while_safe(model);
  CHECK_FALSE(found.stopped);
  CHECK(count_stuck(model, found) == stuck);
}

// The fewest events until this property breaks.
int events_to_break(const Corrected& model, Properties property) {
  const auto found =
      explore(model, [&](const State& state) { return (broken_properties(model.overlay(state)) & property) != 0; });
  CHECK(found.stopped);
  return found.depth();
}

}  // namespace

TEST_CASE("atomic stabilization keeps Zave's invariant in all reachable states") {
  check({{.nodes = 4, .list_length = 2, .base = 3}, 45, 196, 11, 5});
  check({{.nodes = 5, .list_length = 2, .base = 3}, 5296, 33280, 34, 16});
}

TEST_CASE("stabilization in interleaved parts keeps Zave's invariant in all reachable states") {
  check({{.nodes = 4, .list_length = 2, .base = 3, .interleaved = true}, 2577, 12224, 31, 107});
  check({{.nodes = 5, .list_length = 3, .base = 4, .interleaved = true}, 17851, 103210, 40, 316});
  check({{.nodes = 4, .list_length = 1, .base = 2, .interleaved = true}, 1468, 7263, 21, 90});
  check({{.nodes = 5, .list_length = 1, .base = 2, .interleaved = true}, 104774, 691298, 32, 590});
}

TEST_CASE("five nodes with interleaved parts keep Zave's invariant", "[.nightly]") {
  check({{.nodes = 5, .list_length = 2, .base = 3, .interleaved = true}, 777771, 5375975, 53, 1156});
}

TEST_CASE("maintenance makes every reachable state ideal, within the stated steps and rounds") {
  struct Bound {
    Rules rules;
    int steps;
    int rounds;
  };
  for (const auto& [rules, steps, rounds] :
       {Bound{{.nodes = 4, .list_length = 2, .base = 3}, 4, 3}, Bound{{.nodes = 5, .list_length = 2, .base = 3}, 10, 4},
        Bound{{.nodes = 5, .list_length = 3, .base = 4}, 7, 4},
        Bound{{.nodes = 6, .list_length = 3, .base = 4}, 15, 5}}) {
    INFO(rules.nodes << " nodes, lists of " << rules.list_length);
    const Corrected model(rules);
    LongestRuns runs(model);
    int most_steps = 0;
    int most_rounds = 0;
    for (const State& state : explore(model).states) {
      most_steps = std::max(most_steps, runs.from(state).value());
      most_rounds = std::max(most_rounds, rounds_to_ideal(model, state, rounds).value());
    }
    CHECK(most_steps == steps);
    CHECK(most_rounds == rounds);
  }
}

TEST_CASE("the exploration finds what breaks the invariant, in the fewest possible events") {
  CHECK(events_to_break(Mutant::repeated_filler, 4) == 5);
  CHECK(events_to_break(Mutant::join_anywhere, 4) == 1);
  CHECK(events_to_break(Mutant::fail_unguarded, 4) == 1);
  CHECK_FALSE(events_to_break(Mutant::adopt_dead, 4));
  CHECK(events_to_break(Mutant::adopt_dead, 5) == 4);
}

TEST_CASE("a rectify that never replaces a dead predecessor is safe but gets stuck") {
  check_safe(Mutant::keep_dead_predecessor, 4, 4);
  check_safe(Mutant::keep_dead_predecessor, 5, 40);
}

TEST_CASE("a node that keeps its own tail instead of its successor's list is safe but gets stuck") {
  check_safe(Mutant::keep_own_tail, 4, 1);
  check_safe(Mutant::keep_own_tail, 5, 5);
}

TEST_CASE("a joiner that invents the tail of its list, and a rectify that accepts any node, do no harm among five") {
  for (const Mutant mutant : {Mutant::invented_tail, Mutant::rectify_always}) {
    check_safe(mutant, 4, 0);
    check_safe(mutant, 5, 0);
  }
}

TEST_CASE("without a base the ring splits after eight events, and gets out of order after nine") {
  const Corrected model({.base = 0});
  CHECK(events_to_break(model, at_most_one_ring) == 8);
  CHECK(events_to_break(model, ordered_ring) == 9);

  const std::vector<Event> split = {fail(0),      stabilize(2), fail(1),      join(3, 2),
                                    stabilize(3), join(1, 3),   stabilize(1), fail(2)};
  const std::vector<State> states = replay(model, split);
  REQUIRE(states.size() == split.size() + 1);
  for (std::size_t i = 0; i < split.size(); ++i) CHECK(broken_properties(model.overlay(states[i])) == 0);
  CHECK(broken_properties(model.overlay(states.back())) == at_most_one_ring);
  CHECK(model.overlay(states.back()).best[1] == 1);
  CHECK(model.overlay(states.back()).best[3] == 3);
  // With the base, the second failure, which leaves two principals, is not allowed.
  CHECK(replay(Corrected({.base = 3}), split).size() == 1);
}

TEST_CASE("without a base four nodes have the stated number of states", "[.nightly]") {
  const auto found = explore(Corrected({.base = 0}));
  CHECK(found.states.size() == 723'590);
}

TEST_CASE("a base of two under lists of two loses no ring, but nodes list each other and themselves twice") {
  const Corrected model({.base = 2});
  const auto found = explore_while_safe(model);
  CHECK_FALSE(found.stopped);
  CHECK(found.count([&](const State& state) { return broken_properties(model.overlay(state)) != 0; }) == 0);
  CHECK(found.shortest([&](const State& state) { return model.has_duplicates(state); }) == 2);
  CHECK(count_stuck(model, found) == 0);
}
