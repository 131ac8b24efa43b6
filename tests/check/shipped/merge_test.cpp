// States with one canonical form go on alike: what is explored from one of them need not be explored from the other.

#include <map>

#include "protocols/environment/random.h"
#include "tests/catch.h"
#include "tests/check/shipped/shipped_ring.h"

using namespace peerbed;
using namespace peerbed::check;

namespace {

// Tells apart whatever differs at all.
template <class N>
struct ConcreteForm {
  void normalise(Process<N>&) const {}
  void append(std::vector<std::byte>& out, const Process<N>& process, Clock) const {
    append_state(out, process.status);
    if (process.runs()) append_state(out, process.node);
    append_state(out, process.clock);
    append_state(out, process.due);
    append_state(out, process.disk);
  }
};

// Forgets whom a member takes for its predecessor.
struct ForgetfulForm {
  NodeForm<ring::Node> form = membership_form();

  void append(std::vector<std::byte>& out, Process<ring::Node> process, Clock clock) const {
    if (process.runs()) const_cast<ring::Contact&>(std::get<1>(process.node.fields())) = {};
    form.append(out, process, clock);
  }
};

struct Sample {
  std::size_t pairs = 0;      // of concrete states with one form
  std::size_t differing = 0;  // of them, those that go on differently
};

// Random ways through the concrete states. Of each canonical form the first concrete state is kept, and compared with
// those that come later: all their successors must have equal forms.
template <class Form>
Sample compare_merged(const ShippedRing& ring, const Form& form, std::size_t steps, std::uint64_t seed) {
  const auto system = ring_system<ConcreteForm<ring::Node>>(ring);
  const auto canonical = [&](const NodeState& state) {
    std::vector<std::byte> bytes;
    for (NodeIndex node = 0; node < system->view(state).size(); ++node)
      form.append(bytes, system->view(state).process(node), Clock::patient);
    return fingerprint_of(bytes);
  };
  typename NodeSystem<ring::Node, ConcreteForm<ring::Node>>::Workspace workspace;
  const auto successors = [&](const NodeState& state) {
    std::vector<std::pair<Action, NodeState>> found;
    system->successors(workspace, state,
                       [&](Action action, const NodeState& next) { found.emplace_back(action, next); });
    return found;
  };
  const auto forms_of = [&](const std::vector<std::pair<Action, NodeState>>& found) {
    std::vector<std::pair<Action, Fingerprint>> forms;
    for (const auto& [action, next] : found) forms.emplace_back(action, canonical(next));
    return forms;
  };
  struct Known {
    Fingerprint concrete;
    std::vector<std::pair<Action, Fingerprint>> forms;
  };
  std::map<std::pair<std::uint64_t, std::uint64_t>, Known> known;
  Sample sample;
  KeyedStream draws(seed);
  NodeState state = system->initial_states().front();
  for (std::size_t step = 0; step < steps; ++step) {
    if (step % 100 == 0) state = system->initial_states().front();
    const auto next = successors(state);
    const Fingerprint its = canonical(state);
    const auto [place, is_new] = known.try_emplace({its.high, its.low});
    if (is_new) {
      place->second = {system->fingerprint(state), forms_of(next)};
    } else if (place->second.concrete != system->fingerprint(state)) {
      ++sample.pairs;
      if (place->second.forms != forms_of(next)) ++sample.differing;
    }
    state = next[draws.below(next.size())].second;
  }
  return sample;
}

}  // namespace

TEST_CASE("ring states with one canonical form have equal successors") {
  const bool checks_predecessor = GENERATE(false, true);
  const Sample sample =
      compare_merged({.nodes = 4, .checks_predecessor = checks_predecessor}, membership_form(), 1500, 1);
  CHECK(sample.pairs > 500);
  CHECK(sample.differing == 0);
}

TEST_CASE("a form that forgets the predecessor is caught") {
  CHECK(compare_merged({.nodes = 4}, ForgetfulForm{}, 1500, 1).differing > 0);
}

TEST_CASE("a million ring states with one canonical form have equal successors", "[.nightly]") {
  std::size_t pairs = 0;
  for (std::uint64_t seed = 1; pairs < 1'000'000; ++seed) {
    const Sample sample =
        compare_merged({.nodes = 5, .checks_predecessor = seed % 2 == 0}, membership_form(), 20'000, seed);
    REQUIRE(sample.differing == 0);
    pairs += sample.pairs;
  }
}
