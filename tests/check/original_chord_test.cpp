// The original Chord, explored by the engine: the counts are those of independent programs.

#include "check/engine/explorer.h"
#include "tests/catch.h"
#include "tests/check/event_system.h"
#include "tests/ring/zave_original.h"

using namespace peerbed::check;
using namespace peerbed::ring::zave;

namespace {

struct FourProperties {
  static std::vector<std::string> property_names() {
    return {"at least one ring", "at most one ring", "ordered ring", "connected appendages"};
  }
  static Properties broken(const Original& model, const Original::State& state) {
    return broken_properties(model.overlay(state));
  }
  static bool is_ideal(const Original& model, const Original::State& state) { return broken(model, state) == 0; }
  static std::uint32_t duty_number(const Original::State&, Event) { return 0; }
};
using ChordSystem = EventSystem<Original, FourProperties>;

// Events until a property is first broken, and until it is first broken for good. 0 means never.
struct Shortest {
  std::uint32_t broken = 0;
  std::uint32_t beyond_repair = 0;
};

struct Expected {
  Original::Rules rules;
  std::size_t states;
  std::size_t bad;
  std::uint32_t depth;
  std::array<Shortest, 4> shortest;  // by property
};

void check_counts(const Expected& expected, std::size_t jobs) {
  const auto& rules = expected.rules;
  INFO("joins check life " << rules.joins_check_life << ", stabilize checks life " << rules.stabilize_checks_life);
  const ChordSystem system(rules);
  Explorer explorer(system, {.jobs = jobs, .stops_when_broken = false, .records_graph = true});
  const Exploration& found = explorer.run();
  CHECK(found.ending == Ending::exhausted);
  CHECK(found.verdict() == Verdict::refuted);
  CHECK(found.states == expected.states);
  CHECK(found.broken_states == expected.bad);
  CHECK(found.depth == expected.depth);
  const std::vector<bool> recoverable = explorer.graph().recoverable();
  for (std::size_t property = 0; property < 4; ++property) {
    INFO(found.properties[property].name);
    Shortest shortest;
    const StateNumber nearest = found.properties[property].nearest;
    if (nearest != no_state) shortest.broken = explorer.depth_of(nearest);
    for (StateNumber state = 0; state < found.states && shortest.beyond_repair == 0; ++state)
      if ((explorer.broken(state) >> property & 1) != 0 && !recoverable[state])
        shortest.beyond_repair = explorer.depth_of(state);
    CHECK(shortest.broken == expected.shortest[property].broken);
    CHECK(shortest.beyond_repair == expected.shortest[property].beyond_repair);
  }
}

constexpr std::array<Shortest, 4> all = {{{4, 4}, {11, 15}, {13, 18}, {4, 4}}};
constexpr std::array<Shortest, 4> later = {{{7, 7}, {11, 15}, {13, 18}, {6, 6}}};
constexpr std::array<Shortest, 4> order = {{{}, {11, 15}, {13, 18}, {}}};

}  // namespace

TEST_CASE("the engine finds what the original Chord reaches and how it breaks, with any number of threads") {
  for (const std::size_t jobs : {1, 2, 3}) {
    INFO(jobs << " threads");
    check_counts({{}, 6842, 1695, 33, all}, jobs);
    check_counts({{.joins_check_life = true}, 6839, 1692, 33, all}, jobs);
    check_counts({{.stabilize_checks_life = true}, 5564, 1074, 31, later}, jobs);
    check_counts({{.joins_check_life = true, .stabilize_checks_life = true}, 5450, 1026, 31, order}, jobs);
  }
}

TEST_CASE("the literal guard of failures lets the only ring of the original Chord die after eight events") {
  const ChordSystem system({.joins_check_life = true, .stabilize_checks_life = true, .literal_guard = true});
  Explorer explorer(system, {.stops_when_broken = false});
  const Exploration& found = explorer.run();
  CHECK(found.states == 6098);
  CHECK(found.broken_states == 1344);
  REQUIRE(found.properties[0].nearest != no_state);
  CHECK(explorer.depth_of(found.properties[0].nearest) == 8);
}

TEST_CASE("the nearest violation of the original Chord is four events, which lead to it again") {
  const ChordSystem system({.nodes = 2});
  Explorer explorer(system, {});
  const Exploration& found = explorer.run();
  REQUIRE(found.verdict() == Verdict::refuted);
  CHECK(found.ending == Ending::broken);
  const std::vector<PathStep> path = explorer.path_to(*found.nearest_broken());
  REQUIRE(path.size() == 5);
  const std::vector<Event> expected = {join(1, 0), stabilize(1), fail(1), stabilize(0)};
  for (std::size_t i = 0; i < 4; ++i) {
    CHECK(system.event(path[i + 1].action).kind == expected[i].kind);
    CHECK(system.event(path[i + 1].action).node == expected[i].node);
  }
  CHECK(system.broken(explorer.states_along(path).back()) == at_least_one_ring + connected_appendages);
}

TEST_CASE("the original Chord with delayed notifications has as many states as published", "[.nightly]") {
  constexpr std::array<Shortest, 4> delayed_all = {{{5, 5}, {13, 18}, {15, 21}, {5, 5}}};
  constexpr std::array<Shortest, 4> delayed_order = {{{}, {13, 18}, {15, 21}, {}}};
  check_counts({{.delayed_notify = true}, 7533952, 1622144, 52, delayed_all}, 2);
  check_counts({{.joins_check_life = true, .stabilize_checks_life = true, .delayed_notify = true},
                6330304,
                1102208,
                48,
                delayed_order},
               2);
  for (const auto& [rules, states] :
       {std::pair(Original::Rules{.joins_check_life = true, .delayed_notify = true}, 7532032u),
        std::pair(Original::Rules{.stabilize_checks_life = true, .delayed_notify = true}, 6474976u)}) {
    const ChordSystem system(rules);
    Explorer explorer(system, {.jobs = 2, .stops_when_broken = false});
    CHECK(explorer.run().states == states);
  }
}
