// The corrected protocol of Zave (2017), explored by the engine: the counts are those of independent programs.

#include "check/engine/explorer.h"
#include "tests/catch.h"
#include "tests/check/event_system.h"
#include "tests/ring/zave_corrected.h"

using namespace peerbed::check;
using namespace peerbed::ring::zave;

namespace {

using Rules = Corrected::Rules;
using Mutant = Corrected::Mutant;

constexpr Properties invariant = 1;
constexpr Properties no_duplicates = 2;

struct Invariant {
  static std::vector<std::string> property_names() {
    return {"invariant",        "no duplicates", "at least one ring",
            "at most one ring", "ordered ring",  "connected appendages"};
  }
  static Properties broken(const Corrected& model, const Corrected::State& state) {
    return (model.keeps_invariant(state) ? 0 : invariant) | (model.has_duplicates(state) ? no_duplicates : 0) |
           broken_properties(model.overlay(state)) << 2;
  }
  static bool is_ideal(const Corrected& model, const Corrected::State& state) { return model.is_ideal(state); }
  // What a node is about to discharge.
  static std::uint32_t duty_number(const Corrected::State& state, Event event) {
    if (event.kind != Event::Kind::discharge) return 0;
    const Corrected::Node& node = state[event.node];
    return static_cast<std::uint32_t>(static_cast<int>(node.duty) * 10 + node.duty_about);
  }
};
using ChordSystem = EventSystem<Corrected, Invariant>;

struct Expected {
  Rules rules;
  std::size_t states;
  std::size_t transitions;
  std::uint32_t depth;
  std::size_t ideal;
};

void check_counts(const Expected& expected) {
  INFO(expected.rules.nodes << " nodes, lists of " << expected.rules.list_length);
  const ChordSystem system(expected.rules);
  Explorer explorer(system, {.jobs = 2, .records_graph = true});
  const Exploration& found = explorer.run();
  CHECK(found.verdict() == Verdict::proved);
  CHECK(found.states == expected.states);
  CHECK(found.transitions == expected.transitions);
  CHECK(found.depth == expected.depth);
  CHECK(explorer.graph().ideal_states() == expected.ideal);
  CHECK(explorer.graph().stuck_states() == 0);
  // In parts, a notification may replace another each time, so that only strong fairness gets it through.
  CHECK_FALSE(explorer.graph().divergence(Fairness::strong));
  CHECK(explorer.graph().divergence(Fairness::weak).has_value() == expected.rules.interleaved);
}

// The fewest events after which one of these properties breaks; none if they hold.
std::optional<std::uint32_t> events_to_break(const Rules& rules, Properties properties) {
  const ChordSystem system(rules);
  Explorer explorer(system, {.stops_when_broken = false});
  std::optional<std::uint32_t> fewest;
  const Exploration& found = explorer.run();
  for (std::size_t i = 0; i < found.properties.size(); ++i) {
    if ((properties >> i & 1) == 0 || found.properties[i].nearest == no_state) continue;
    const std::uint32_t events = explorer.depth_of(found.properties[i].nearest);
    fewest = std::min(fewest.value_or(events), events);
  }
  return fewest;
}

// The same, and ends there.
std::optional<std::uint32_t> events_to_first(const Rules& rules) {
  const ChordSystem system(rules);
  Explorer explorer(system, {});
  const auto nearest = explorer.run().nearest_broken();
  if (!nearest) return std::nullopt;
  return explorer.depth_of(*nearest);
}

void check_stuck(Mutant mutant, int nodes, std::size_t stuck) {
  INFO(nodes << " nodes");
  const ChordSystem system({.nodes = nodes, .mutant = mutant});
  Explorer explorer(system, {.records_graph = true});
  CHECK(explorer.run().verdict() == Verdict::proved);
  CHECK(explorer.graph().stuck_states() == stuck);
  const auto divergence = explorer.graph().divergence();
  CHECK(divergence.has_value() == (stuck > 0));
  if (divergence) CHECK(divergence->kind == Divergence::Kind::stuck);
  CHECK(explorer.verdict() == (stuck > 0 ? Verdict::refuted : Verdict::proved));
}

}  // namespace

TEST_CASE("the engine counts the states of the corrected protocol in whole steps, and all become ideal") {
  check_counts({{.nodes = 4, .list_length = 2, .base = 3}, 45, 196, 11, 5});
  check_counts({{.nodes = 5, .list_length = 2, .base = 3}, 5296, 33280, 34, 16});
}

TEST_CASE("the engine counts the states of the corrected protocol in interleaved parts, and all become ideal") {
  check_counts({{.nodes = 4, .list_length = 2, .base = 3, .interleaved = true}, 2577, 12224, 31, 107});
  check_counts({{.nodes = 5, .list_length = 3, .base = 4, .interleaved = true}, 17851, 103210, 40, 316});
  check_counts({{.nodes = 4, .list_length = 1, .base = 2, .interleaved = true}, 1468, 7263, 21, 90});
  check_counts({{.nodes = 5, .list_length = 1, .base = 2, .interleaved = true}, 104774, 691298, 32, 590});
}

TEST_CASE("the engine counts the states of five nodes in interleaved parts", "[.nightly]") {
  check_counts({{.nodes = 5, .list_length = 2, .base = 3, .interleaved = true}, 777771, 5375975, 53, 1156});
}

TEST_CASE("maintenance in whole steps that change the state ends after as many as published") {
  for (const auto& [rules, steps] : {std::pair(Rules{.nodes = 4, .list_length = 2, .base = 3}, 4u),
                                     {{.nodes = 5, .list_length = 2, .base = 3}, 10u},
                                     {{.nodes = 5, .list_length = 3, .base = 4}, 7u},
                                     {{.nodes = 6, .list_length = 3, .base = 4}, 15u}}) {
    INFO(rules.nodes << " nodes, lists of " << rules.list_length);
    const ChordSystem system(rules);
    Explorer explorer(system, {.records_graph = true});
    explorer.run();
    CHECK(explorer.graph().longest_run() == steps);
  }
}

TEST_CASE("the engine finds the nearest state where a changed protocol breaks Zave's invariant") {
  CHECK(events_to_first({.mutant = Mutant::repeated_filler}) == 5);
  CHECK(events_to_first({.mutant = Mutant::join_anywhere}) == 1);
  CHECK(events_to_first({.mutant = Mutant::fail_unguarded}) == 1);
  CHECK_FALSE(events_to_first({.mutant = Mutant::adopt_dead}));
  CHECK(events_to_first({.nodes = 5, .mutant = Mutant::adopt_dead}) == 4);
}

TEST_CASE("the engine finds states that stay stuck though nothing is broken") {
  check_stuck(Mutant::keep_dead_predecessor, 4, 4);
  check_stuck(Mutant::keep_dead_predecessor, 5, 40);
  check_stuck(Mutant::keep_own_tail, 4, 1);
  check_stuck(Mutant::keep_own_tail, 5, 5);
  for (const Mutant mutant : {Mutant::invented_tail, Mutant::rectify_always}) {
    check_stuck(mutant, 4, 0);
    check_stuck(mutant, 5, 0);
  }
}

TEST_CASE("a finding names the step after which maintenance cannot make the ring ideal any more") {
  const ChordSystem system({.mutant = Mutant::keep_dead_predecessor});
  Explorer explorer(system, {.records_graph = true});
  explorer.run();
  const auto finding = explorer.finding();
  REQUIRE(finding);
  CHECK(finding->kind == Finding::Kind::stuck);
  REQUIRE(finding->critical);
  // A node dies that another has as its predecessor, and which is never replaced.
  CHECK(system.event(finding->path[*finding->critical].action).kind == Event::Kind::fail);
  const std::vector<bool> recoverable = explorer.graph().recoverable();
  for (std::size_t i = 0; i < finding->path.size(); ++i) {
    INFO("after " << i << " steps");
    CHECK(recoverable[finding->path[i].state] == (i < *finding->critical));
  }
}

TEST_CASE("a base of two under lists of two breaks nothing but that nodes list each other and themselves twice") {
  CHECK(events_to_break({.base = 2}, no_duplicates) == 2);
  CHECK_FALSE(events_to_break({.base = 2}, ~no_duplicates));
}

TEST_CASE("the engine counts the states of four nodes without a base, whose ring splits after eight events",
          "[.nightly]") {
  const ChordSystem system({.base = 0});
  Explorer explorer(system, {.jobs = 2, .stops_when_broken = false});
  const Exploration& found = explorer.run();
  CHECK(found.states == 723'590);
  CHECK(explorer.depth_of(found.properties[3].nearest) == 8);
  CHECK(explorer.depth_of(found.properties[4].nearest) == 9);
}
