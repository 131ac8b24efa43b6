// Two-phase commit: the counts are those that stateright publishes for its example 2pc.

#include "tests/check/two_phase_commit.h"
#include "check/engine/explorer.h"
#include "tests/catch.h"

using namespace peerbed::check;

namespace {

using Symmetry = TwoPhaseCommit::Symmetry;

std::uint64_t states_of(int managers, Symmetry symmetry) {
  const TwoPhaseCommit system(managers, symmetry);
  Explorer explorer(system, {.jobs = 2});
  const Exploration& found = explorer.run();
  CHECK(found.verdict() == Verdict::proved);
  return found.states;
}

}  // namespace

TEST_CASE("two-phase commit has 288 states with three resource managers and 8,832 with five") {
  CHECK(states_of(3, Symmetry::none) == 288);
  CHECK(states_of(5, Symmetry::none) == 8'832);
}

TEST_CASE("symmetry leaves one state of two-phase commit for each orbit of the resource managers") {
  // The orbits, counted without symmetry.
  const TwoPhaseCommit system(5, Symmetry::none);
  const TwoPhaseCommit sorted(5, Symmetry::sorted);
  Explorer explorer(system, {});
  const std::uint64_t states = explorer.run().states;
  std::vector<Fingerprint> orbits;
  for (StateNumber number = 0; number < states; ++number) {
    std::vector<std::byte> bytes;
    sorted.append_canonical(bytes, explorer.state(number));
    orbits.push_back(fingerprint_of(bytes));
  }
  std::sort(orbits.begin(), orbits.end());
  const auto distinct = std::unique(orbits.begin(), orbits.end()) - orbits.begin();
  CHECK(distinct == 314);
  CHECK(states_of(5, Symmetry::sorted) == 314);
}

// Stateright sorts the resource managers by their own state alone, so what it counts depends on the order of its
// search: 665 is the count of a depth-first search that takes the last action first.
TEST_CASE("two-phase commit has 665 states with the symmetry and the order of search of stateright") {
  const TwoPhaseCommit system(5, Symmetry::by_state);
  VisitedStates visited;
  std::vector<TwoPhaseCommit::State> open;
  TwoPhaseCommit::Workspace workspace;
  const auto enter = [&](const TwoPhaseCommit::State& state) {
    std::vector<std::byte> bytes;
    system.append_canonical(bytes, state);
    const std::size_t before = visited.size();
    if (visited.insert({fingerprint_of(bytes)}) == before) open.push_back(state);
  };
  enter(system.initial_states().front());
  while (!open.empty()) {
    const TwoPhaseCommit::State state = open.back();
    open.pop_back();
    system.successors(workspace, state, [&](Action, const TwoPhaseCommit::State& next) { enter(next); });
  }
  CHECK(visited.size() == 665);
}
