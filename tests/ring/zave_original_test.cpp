// The original Chord, explored exhaustively: it breaks as often and as soon as an independent program found, and in the
// ways that Zave (2012) drew.

#include "tests/ring/zave_original.h"
#include "tests/catch.h"
#include "tests/ring/zave_search.h"

using namespace peerbed::ring::zave;

namespace {

using State = Original::State;

// Events until a property is first broken, and until it is first broken for good.
struct Shortest {
  Properties property;
  int broken;
  int beyond_repair;
};

struct Expected {
  Original::Rules rules;
  std::size_t states;
  std::size_t bad;
  int depth;
  std::vector<Shortest> shortest;
};

void check(const Expected& expected) {
  const auto& rules = expected.rules;
  INFO("joins check life " << rules.joins_check_life << ", stabilize checks life " << rules.stabilize_checks_life);
  const Original model(rules);
  const auto found = explore(model);
  const auto broken = [&](const State& state) { return broken_properties(model.overlay(state)); };
  const auto is_good = [&](const State& state) { return broken(state) == 0; };
  CHECK(found.states.size() == expected.states);
  CHECK(found.states.size() - found.count(is_good) == expected.bad);
  CHECK(found.depth() == expected.depth);
  Properties breakable = 0;
  for (const State& state : found.states) breakable |= broken(state);
  for (const auto& [property, events, for_good] : expected.shortest) {
    INFO("property " << property);
    const auto breaks = [&, wanted = property](const State& state) { return (broken(state) & wanted) != 0; };
    CHECK(found.shortest(breaks) == events);
    CHECK(found.shortest([&](const State& state) {
      return breaks(state) && !can_be_repaired(model, state, is_good);
    }) == for_good);
    breakable &= ~property;
  }
  CHECK(breakable == 0);  // no other property ever breaks
}

// Only the last of these events breaks the ring for good, and exactly these properties. Returns the final state.
State check_breaks(const Original& model, const std::vector<Event>& events, Properties expected) {
  const auto broken = [&](const State& state) { return broken_properties(model.overlay(state)); };
  const auto is_good = [&](const State& state) { return broken(state) == 0; };
  const std::vector<State> states = replay(model, events);
  REQUIRE(states.size() == events.size() + 1);
  for (std::size_t i = 0; i < events.size(); ++i) {
    INFO("before event " << i);
    CHECK(can_be_repaired(model, states[i], is_good));
  }
  CHECK_FALSE(can_be_repaired(model, states.back(), is_good));
  CHECK(broken(states.back()) == expected);
  return states.back();
}

constexpr Properties no_ring = at_least_one_ring + connected_appendages;

// Nodes 0 and 2 know each other as successors and predecessors.
const std::vector<Event> ring_of_two = {join(2, 0), stabilize(2), stabilize(0)};

std::vector<Event> operator+(std::vector<Event> events, const std::vector<Event>& further) {
  events.insert(events.end(), further.begin(), further.end());
  return events;
}

}  // namespace

TEST_CASE("the original Chord breaks all four properties, and liveness checks mend only two of them") {
  const std::vector<Shortest> order = {{at_most_one_ring, 11, 15}, {ordered_ring, 13, 18}};
  const std::vector<Shortest> all = {
      {at_least_one_ring, 4, 4}, {connected_appendages, 4, 4}, {at_most_one_ring, 11, 15}, {ordered_ring, 13, 18}};
  const std::vector<Shortest> later = {
      {connected_appendages, 6, 6}, {at_least_one_ring, 7, 7}, {at_most_one_ring, 11, 15}, {ordered_ring, 13, 18}};
  check({{}, 6842, 1695, 33, all});
  check({{.joins_check_life = true}, 6839, 1692, 33, all});
  check({{.stabilize_checks_life = true}, 5564, 1074, 31, later});
  check({{.joins_check_life = true, .stabilize_checks_life = true}, 5450, 1026, 31, order});
}

TEST_CASE("the original Chord with delayed notifications breaks as well", "[.nightly]") {
  const std::vector<Shortest> order = {{at_most_one_ring, 13, 18}, {ordered_ring, 15, 21}};
  const std::vector<Shortest> all = {
      {at_least_one_ring, 5, 5}, {connected_appendages, 5, 5}, {at_most_one_ring, 13, 18}, {ordered_ring, 15, 21}};
  check({{.delayed_notify = true}, 7533952, 1622144, 52, all});
  check(
      {{.joins_check_life = true, .stabilize_checks_life = true, .delayed_notify = true}, 6330304, 1102208, 48, order});
  for (const auto& [rules, states] :
       {std::pair(Original::Rules{.joins_check_life = true, .delayed_notify = true}, 7532032u),
        std::pair(Original::Rules{.stabilize_checks_life = true, .delayed_notify = true}, 6474976u)})
    CHECK(explore(Original(rules)).states.size() == states);
}

TEST_CASE("a guard that counts the failing node as the remaining entry lets the only ring die") {
  const Original model({.joins_check_life = true, .stabilize_checks_life = true, .literal_guard = true});
  const auto found = explore(model);
  const auto broken = [&](const State& state) { return broken_properties(model.overlay(state)); };
  CHECK(found.states.size() == 6098);
  CHECK(found.count(broken) == 1344);
  CHECK(found.shortest([&](const State& state) { return (broken(state) & at_least_one_ring) != 0; }) == 8);
}

TEST_CASE("a stabilization that adopts a dead node leaves no ring after four events") {
  const std::vector<Event> events = {join(1, 0), stabilize(1), fail(1), stabilize(0)};
  const Original model({.nodes = 2});
  const State end = check_breaks(model, events, no_ring);
  CHECK(end.nodes[0].successor == 1);
  // The liveness check prevents that for node 0.
  const Original fixed({.nodes = 2, .stabilize_checks_life = true});
  const std::vector<State> states = replay(fixed, events);
  CHECK(states.size() == 5);
  CHECK(broken_properties(fixed.overlay(states.back())) == 0);
}

TEST_CASE("a joiner that takes over a dead successor is disconnected after six events") {
  const std::vector<Event> before = {reconcile(0), join(2, 0), stabilize(2), stabilize(0), fail(2)};
  const Original model({.stabilize_checks_life = true});
  const State end = check_breaks(model, before + std::vector{join(1, 0)}, connected_appendages);
  CHECK(end.nodes[1].successor == 2);
  // With the liveness check node 1 has to wait.
  const Original fixed({.joins_check_life = true, .stabilize_checks_life = true});
  CHECK_FALSE(fixed.after(replay(fixed, before).back(), join(1, 0)));
}

TEST_CASE("three nodes end in two rings of one, for good, whatever is checked") {
  const Original model({.joins_check_life = true, .stabilize_checks_life = true});
  const State end =
      check_breaks(model,
                   {join(1, 0), join(2, 0), stabilize(2), stabilize(1), fail(1), join(1, 0), stabilize(0), reconcile(1),
                    reconcile(2), fail(0), update(2), join(0, 2), stabilize(0), reconcile(0), fail(1)},
                   at_most_one_ring);
  CHECK(model.overlay(end).best[0] == 0);
  CHECK(model.overlay(end).best[2] == 2);
}

TEST_CASE("a gap opens in a ring where a member adopts a dead joiner and has no second entry") {
  const Original model({});
  const State end =
      check_breaks(model, ring_of_two + std::vector{join(1, 0), stabilize(1), fail(1), stabilize(0)}, no_ring);
  CHECK(model.overlay(end).best[2] == 0);
  CHECK(model.overlay(end).best[0] == nobody);
}

TEST_CASE("an even ring splits in two when a joiner in each gap fails") {
  const Original model({.nodes = 4, .joins_check_life = true, .stabilize_checks_life = true});
  const std::vector<Event> events =
      ring_of_two + std::vector{reconcile(0), reconcile(2), join(1, 0),   stabilize(1), stabilize(0),
                                join(3, 2),   stabilize(3), stabilize(2), fail(1),      fail(3)};
  check_breaks(model, events, at_most_one_ring);
  const State end = replay(model, events + std::vector{update(0), update(2)}).back();
  CHECK(end.nodes[0].successor == 0);
  CHECK(end.nodes[2].successor == 2);
}
