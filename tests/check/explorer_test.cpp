// The explorer itself: interruption, saving and going on, and what it remembers of states.

#include "check/engine/explorer.h"

#include <cstdio>
#include <fstream>

#include "protocols/environment/random.h"
#include "tests/catch.h"
#include "tests/check/two_phase_commit.h"
#include "tests/sim/temporary_file.h"

using namespace peerbed::check;
using namespace peerbed;

namespace {

using Symmetry = TwoPhaseCommit::Symmetry;

// Two-phase commit whose promise is to decide: an ideal state has decided, and everything is maintenance.
class Deciding : public TwoPhaseCommit {
 public:
  using TwoPhaseCommit::TwoPhaseCommit;
  // The first state does not show how many managers there are.
  Fingerprint identity() const { return {static_cast<std::uint64_t>(managers()), 0}; }
  bool is_ideal(const State& state) const { return state.coordinator != Coordinator::init; }
  bool is_maintenance(Action) const { return true; }
  std::uint32_t fairness_class(const State&, Action action) const { return action; }
};

std::vector<VisitedStates::Entry> entries_of(const VisitedStates& visited) {
  std::vector<VisitedStates::Entry> entries;
  for (StateNumber state = 0; state < visited.size(); ++state) entries.push_back(visited[state]);
  return entries;
}

bool operator==(const VisitedStates::Entry& a, const VisitedStates::Entry& b) {
  return a.fingerprint == b.fingerprint && a.parent == b.parent && a.action == b.action;
}

void check_equal(const Explorer<Deciding>& one, const Explorer<Deciding>& other) {
  CHECK(one.result().states == other.result().states);
  CHECK(one.result().transitions == other.result().transitions);
  CHECK(one.result().depth == other.result().depth);
  CHECK(one.result().ending == other.result().ending);
  CHECK(one.result().broken_states == other.result().broken_states);
  const auto ours = entries_of(one.visited());
  const auto theirs = entries_of(other.visited());
  CHECK(std::equal(ours.begin(), ours.end(), theirs.begin(), theirs.end(),
                   [](const auto& a, const auto& b) { return a == b; }));
  CHECK(one.graph().ideal_states() == other.graph().ideal_states());
  CHECK(one.graph().recoverable() == other.graph().recoverable());
}

}  // namespace

TEST_CASE("states, their numbers and the ways to them are the same for any number of threads") {
  const Deciding system(5, Symmetry::none);
  Explorer<Deciding> alone(system, {.records_graph = true});
  alone.run();
  for (const std::size_t jobs : {2, 4}) {
    Explorer<Deciding> together(system, {.jobs = jobs, .records_graph = true});
    together.run();
    check_equal(alone, together);
  }
}

TEST_CASE("an exploration that is interrupted, saved and resumed again and again ends as one in one go") {
  const Deciding system(5, Symmetry::none);
  Explorer<Deciding> whole(system, {.records_graph = true});
  CHECK(whole.run().ending == Ending::exhausted);

  const sim::TemporaryFile file("");
  std::size_t batches = 0;
  const ExplorerOptions options{.records_graph = true,
                                .on_progress = [&](const Progress&) { return ++batches % 2 != 0; }};
  auto explorer = std::make_unique<Explorer<Deciding>>(system, options);
  std::size_t rounds = 0;
  while (explorer->run().ending == Ending::interrupted) {
    explorer->save(file.path());
    explorer = std::make_unique<Explorer<Deciding>>(system, options);
    explorer->resume(file.path());
    ++rounds;
  }
  CHECK(rounds > 5);
  check_equal(*explorer, whole);
}

TEST_CASE("a saved exploration of another system, or a damaged one, is refused") {
  const Deciding system(3, Symmetry::none);
  Explorer<Deciding> explorer(system, {.at_most_states = 100});
  explorer.run();
  const sim::TemporaryFile file("");
  explorer.save(file.path());

  Explorer<Deciding> same(system, {});
  same.resume(file.path());
  CHECK(same.run().states == 288);
  const Deciding other(4, Symmetry::none);
  CHECK_THROWS_AS(Explorer<Deciding>(other, {}).resume(file.path()), std::runtime_error);
  CHECK_THROWS_AS(Explorer<Deciding>(system, {.records_graph = true}).resume(file.path()), std::runtime_error);

  std::fstream bytes(file.path(), std::ios::in | std::ios::out | std::ios::binary);
  bytes.seekp(200);
  bytes.put('\x55');
  bytes.close();
  CHECK_THROWS_AS(Explorer<Deciding>(system, {}).resume(file.path()), std::runtime_error);
}

TEST_CASE("a state costs 24 bytes and its share of the index") {
  VisitedStates visited;
  for (std::uint64_t i = 0; i < 1'000'000; ++i)
    visited.insert({{key_of(1, i), key_of(2, i)}, no_state, static_cast<Action>(i)});
  CHECK(visited.size() == 1'000'000);
  CHECK(visited.memory() <= 42 * visited.size());
  for (std::uint64_t i = 0; i < 1'000'000; i += 1000) CHECK(visited.find({key_of(1, i), key_of(2, i)}) == i);
  CHECK(visited.find({1, 2}) == no_state);
}

TEST_CASE("fair maintenance may stay in a cycle just if no class forces it out") {
  // 0 and 1 lead to each other; 1 can also be left for 2, which is ideal.
  const auto graph_with = [](std::uint32_t class_out, bool is_enabled_in_both) {
    StateGraph graph;
    for (const bool is_ideal : {false, false, true}) graph.add_state(is_ideal);
    graph.begin_steps();
    graph.add_step({1, 1});
    if (is_enabled_in_both) graph.add_step({2, class_out});
    graph.begin_steps();
    graph.add_step({0, 1});
    graph.add_step({2, class_out});
    graph.begin_steps();
    return graph;
  };
  // What leads out is enabled in one of the states only: weak fairness may miss it each time.
  const auto missed = graph_with(2, false).divergence(Fairness::weak);
  REQUIRE(missed);
  CHECK(missed->kind == Divergence::Kind::cycle);
  CHECK(missed->states == std::vector<StateNumber>{0, 1});
  CHECK_FALSE(graph_with(2, false).divergence(Fairness::strong));
  // Enabled all the time, it is taken.
  CHECK_FALSE(graph_with(2, true).divergence(Fairness::weak));
  // Unless the same class can also stay.
  CHECK(graph_with(1, true).divergence(Fairness::weak));
  CHECK(graph_with(1, true).divergence(Fairness::strong));
  CHECK(graph_with(2, true).recoverable() == std::vector<bool>{true, true, true});
  CHECK_FALSE(graph_with(2, true).longest_run());
}

TEST_CASE("strong fairness finds a cycle within one that it forces to be left") {
  // 0 and 1 lead to each other, 1 and 2 too; 0 alone can be left for 3, which is ideal.
  StateGraph graph;
  for (const bool is_ideal : {false, false, false, true}) graph.add_state(is_ideal);
  const std::vector<std::vector<StateGraph::Step>> steps = {{{1, 1}, {3, 2}}, {{0, 1}, {2, 1}}, {{1, 1}}, {}};
  for (const auto& its_steps : steps) {
    graph.begin_steps();
    for (const StateGraph::Step& step : its_steps) graph.add_step(step);
  }
  const auto inner = graph.divergence(Fairness::strong);
  REQUIRE(inner);
  CHECK(inner->states == std::vector<StateNumber>{1, 2});
  CHECK(graph.divergence(Fairness::weak)->states == std::vector<StateNumber>{0, 1, 2});
}
