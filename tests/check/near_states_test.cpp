// The states that are kept whole: which they are, and the steps between them.

#include "check/engine/near_states.h"

#include "check/engine/explorer.h"
#include "tests/catch.h"
#include "tests/check/two_phase_commit.h"

using namespace peerbed::check;

namespace {

using Near = NearStates<TwoPhaseCommit>;

void explore(Near& near) {
  TwoPhaseCommit::Workspace workspace{};
  near.explore(workspace, [](const Near::Entry&, const Near::Step&) {});
}

std::size_t steps_in(const Near& near) {
  std::size_t steps = 0;
  for (const Near::Entry& entry : near.entries()) steps += entry.steps.size();
  return steps;
}

}  // namespace

TEST_CASE("all states are kept with the numbers, depths and steps that an exploration finds") {
  const TwoPhaseCommit system(3, TwoPhaseCommit::Symmetry::none);
  Explorer<TwoPhaseCommit> explorer(system, {});
  const Exploration found = explorer.run();
  Near near(system, 1000);
  explore(near);
  REQUIRE(near.entries().size() == found.states);
  CHECK(steps_in(near) == found.transitions);
  CHECK_FALSE(near.is_cut());
  std::vector<std::byte> scratch;
  for (StateNumber number = 0; number < near.entries().size(); ++number) {
    const Near::Entry& entry = near.entries()[number];
    CHECK(explorer.visited()[number].fingerprint == fingerprint_by(system, entry.state, scratch));
    CHECK(explorer.visited()[number].parent == entry.parent);
    CHECK(explorer.depth_of(number) == entry.depth);
  }
}

TEST_CASE("beyond the bound steps lead to states that are not kept, and a way is kept nevertheless") {
  const TwoPhaseCommit system(3, TwoPhaseCommit::Symmetry::none);
  Explorer<TwoPhaseCommit> explorer(system, {});
  const Exploration found = explorer.run();
  const StateNumber last = static_cast<StateNumber>(found.states) - 1;
  const auto way = explorer.states_along(explorer.path_to(last));
  REQUIRE(way.size() > 5);
  Near near(system, way.size() + 10, way);
  explore(near);
  CHECK(near.entries().size() == way.size() + 10);
  CHECK(near.is_cut());
  for (StateNumber place = 1; place < way.size(); ++place) {
    const Near::Entry& before = near.entries()[place - 1];
    CHECK(near.entries()[place].parent == place - 1);
    CHECK(near.entries()[place].depth == place);
    CHECK(std::any_of(before.steps.begin(), before.steps.end(),
                      [&](const Near::Step& step) { return step.target == place; }));
  }
  // The others are the nearest.
  for (std::size_t i = way.size(); i < near.entries().size(); ++i) CHECK(near.entries()[i].depth <= 2);
  // Each step is kept, whether its target is or not.
  std::size_t steps = 0;
  for (const Near::Entry& entry : near.entries()) {
    TwoPhaseCommit::Workspace workspace{};
    system.successors(workspace, entry.state, [&](Action, const TwoPhaseCommit::State&) { ++steps; });
  }
  CHECK(steps_in(near) == steps);
}
