// Small models drawn at random: what the engine finds is what a plain search finds, with and without each reduction.

#include <set>

#include "check/engine/explorer.h"
#include "check/nodes/merge_test.h"
#include "check/nodes/node_system.h"
#include "tests/catch.h"
#include "tests/check/automaton.h"
#include "tests/check/plain_explorer.h"
#include "tests/check/symmetric_automata.h"

using namespace peerbed::check;
using namespace peerbed;

namespace {

using Shape = PlainExplorer::Shape;

Shape shape_of(const View<Automaton>& view) {
  Shape shape;
  for (NodeIndex node = 0; node < view.size(); ++node)
    shape.push_back(view.runs(node) ? view.node(node).state() : std::uint8_t{9});
  return shape;
}

// A random model and a property of it that may or may not hold.
struct Model {
  explicit Model(std::uint64_t seed, std::uint8_t sends = 1) : rules(AutomatonRules::drawn(seed)) {
    rules.sends = sends;
    KeyedStream draws(key_of(8, seed));
    for (std::uint8_t node = 0; node < rules.nodes; ++node) {
      options.nodes.emplace_back(rules, node);
      options.addresses.push_back(automaton_base.plus(node));
      options.started.push_back(node);
    }
    if (draws.below(4) == 0) options.started.pop_back();
    options.clock = draws.below(2) == 0 ? Clock::patient : Clock::hasty;
    options.is_deadline = {false, true};
    options.budget = {.drop = static_cast<std::uint8_t>(draws.below(2)),
                      .duplicate = static_cast<std::uint8_t>(draws.below(2)),
                      .start = static_cast<std::uint8_t>(draws.below(2)),
                      .crash = static_cast<std::uint8_t>(draws.below(2))};
    const auto first = static_cast<std::uint8_t>(draws.below(automaton_states));
    const auto second = static_cast<std::uint8_t>(draws.below(automaton_states));
    options.always.push_back({"never together", [first, second](const View<Automaton>& view) {
                                std::size_t in_first = 0;
                                std::size_t in_second = 0;
                                for (NodeIndex node = 0; node < view.size(); ++node) {
                                  if (!view.runs(node)) continue;
                                  in_first += view.node(node).state() == first;
                                  in_second += view.node(node).state() == second;
                                }
                                return first == second ? in_first < 2 : in_first == 0 || in_second == 0;
                              }});
  }
  Model(const Model&) = delete;
  Model& operator=(const Model&) = delete;

  AutomatonRules rules;
  NodeOptions<Automaton> options;
};

struct Findings {
  Exploration exploration;
  std::set<Shape> shapes;                  // of all states
  std::optional<std::uint32_t> broken_at;  // depth
};

constexpr std::size_t most_states = 1500;  // of a model that is compared

struct NotReduced {
  template <class Form>
  const NodeSystem<Automaton, Form>& operator()(const NodeSystem<Automaton, Form>& system) const {
    return system;
  }
};
struct Symmetric {
  SymmetricAutomata operator()(const NodeSystem<Automaton>& system) const { return SymmetricAutomata(system); }
};

// Nothing if there are too many states.
template <class Reduction = NotReduced, class Form = PlainForm<Automaton>>
std::optional<Findings> findings_of(NodeOptions<Automaton> options, Reduction reduction = {}, Form form = {}) {
  std::set<Shape> shapes;
  options.always.push_back({"seen", [&shapes](const View<Automaton>& view) {
                              shapes.insert(shape_of(view));
                              return true;
                            }});
  const NodeSystem<Automaton, Form> nodes(std::move(options), std::move(form));
  decltype(auto) system = reduction(nodes);
  Explorer explorer(system, {.at_most_states = most_states, .stops_when_broken = false});
  Findings findings{explorer.run(), std::move(shapes), {}};
  if (findings.exploration.ending != Ending::exhausted) return std::nullopt;
  if (const auto nearest = findings.exploration.nearest_broken()) findings.broken_at = explorer.depth_of(*nearest);
  return findings;
}

// The shapes with their nodes in order, for systems that do not tell nodes apart.
std::set<Shape> sorted(const std::set<Shape>& shapes) {
  std::set<Shape> all;
  for (Shape shape : shapes) {
    std::sort(shape.begin(), shape.end());
    all.insert(shape);
  }
  return all;
}

struct Tally {
  std::size_t models = 0;
  std::size_t refuted = 0;
  std::uint64_t states = 0;
  std::uint64_t reduced = 0;  // states that a reduction leaves
};

void count(Tally& tally, const Findings& all, const Findings& reduced) {
  ++tally.models;
  tally.refuted += reduced.exploration.broken_states > 0;
  tally.states += all.exploration.states;
  tally.reduced += reduced.exploration.states;
}

// Compares the engine with the plain search.
void check_hashing(std::uint64_t seed, Tally& tally) {
  const Model model(seed);
  const auto found = findings_of(model.options);
  if (!found) return;
  INFO("seed " << seed);
  const PlainExplorer plain(model.options);
  CHECK(found->exploration.states == plain.states());
  CHECK(found->exploration.transitions == plain.transitions());
  CHECK(found->shapes == plain.shapes());
  count(tally, *found, *found);
}

// Compares the engine with itself, with messages left under way that have no effect.
void check_ineffective(std::uint64_t seed, Tally& tally) {
  Model model(seed);
  model.options.clock = Clock::hasty;
  const auto all = findings_of(model.options);
  if (!all) return;
  INFO("seed " << seed);
  model.options.leaves_ineffective = true;
  const auto reduced = findings_of(model.options);
  REQUIRE(reduced);
  CHECK(all->exploration.verdict() == reduced->exploration.verdict());
  CHECK(all->shapes == reduced->shapes);
  count(tally, *all, *reduced);
}

// Compares the engine with itself, with nodes that are not told apart.
void check_symmetry(std::uint64_t seed, Tally& tally) {
  const Model model(seed);
  const auto all = findings_of(model.options);
  if (!all) return;
  INFO("seed " << seed);
  const auto reduced = findings_of(model.options, Symmetric());
  REQUIRE(reduced);
  CHECK(all->exploration.verdict() == reduced->exploration.verdict());
  CHECK(all->broken_at == reduced->broken_at);
  CHECK(sorted(all->shapes) == sorted(reduced->shapes));
  count(tally, *all, *reduced);
}

// Of the models drawn, many must break their property and many keep it.
void check_models(void (*check)(std::uint64_t, Tally&), std::size_t models) {
  Tally tally;
  for (std::uint64_t seed = 0; tally.models < models; ++seed) check(seed, tally);
  INFO(tally.refuted << " of " << tally.models << " refuted, " << tally.states << " states, " << tally.reduced
                     << " with the reduction");
  CHECK(tally.refuted > models / 10);
  CHECK(tally.refuted < models - models / 10);
  CHECK((check == check_hashing || tally.reduced < tally.states * 9 / 10));
}

// Forgets how often an automaton may still send.
struct ForgetfulForm {
  void normalise(Process<Automaton>&) const {}
  void append(std::vector<std::byte>& out, const Process<Automaton>& process, Clock) const {
    append_state(out, process.status);
    if (process.runs()) {
      const auto& [state, sends_left, received] = process.node.fields();
      append_state(out, std::tie(state, received));
    }
    for (std::size_t timer = 0; timer < Automaton::timer_count; ++timer) append_state(out, process.is_set(timer));
  }
};

}  // namespace

TEST_CASE("the engine finds what a plain search finds in 1,000 random models") { check_models(check_hashing, 1000); }

TEST_CASE("messages without effect can be left under way: equal verdicts on 1,000 random models") {
  check_models(check_ineffective, 1000);
}

TEST_CASE("interchangeable nodes need not be told apart: equal verdicts on 1,000 random models") {
  check_models(check_symmetry, 1000);
}

TEST_CASE("the reductions hold for 20,000 random models each", "[.nightly]") {
  check_models(check_hashing, 20'000);
  check_models(check_ineffective, 20'000);
  check_models(check_symmetry, 20'000);
}

TEST_CASE("processes that the plain form calls equal answer alike") {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    const Model model(seed, 5);
    MergeTest<Automaton, PlainForm<Automaton>> test(model.options, {}, seed);
    CHECK_FALSE(test.sample(2000));
  }
}

TEST_CASE("a form that forgets a field is caught by the merge test wherever it changes what is found") {
  std::size_t wrong = 0;
  for (std::uint64_t seed = 0; seed < 1000; ++seed) {
    const Model model(seed, 2);
    const auto right = findings_of(model.options);
    if (!right) continue;
    const auto forgetful = findings_of(model.options, NotReduced(), ForgetfulForm());
    if (right->shapes == forgetful->shapes) continue;
    ++wrong;
    INFO("seed " << seed);
    MergeTest<Automaton, ForgetfulForm> test(model.options, {}, seed);
    const auto twins = test.sample(20'000);
    CHECK(twins);
    CHECK(test.merged() > 0);
  }
  CHECK(wrong > 10);
}
