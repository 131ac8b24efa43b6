// Where each message is a step: a concrete state goes on as the state does that stands for it, in which questions are
// named and what does not matter is left out.

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "protocols/environment/random.h"
#include "tests/catch.h"
#include "tests/check/shipped/forms.h"
#include "tests/check/shipped/shipped_coursework.h"
#include "tests/check/shipped/shipped_ring.h"

using namespace peerbed;
using namespace peerbed::check;

namespace {

constexpr std::size_t probe = 10;  // the places of fields: of a ring node
constexpr std::size_t relays = 7;
constexpr std::size_t letters = 18;  // of a peer of the coursework

// Random ways through the concrete states: of how many states the successors stand for others than those of the state
// that stands for them.
template <class N, class Form>
std::size_t states_that_differ(NodeOptions<N> options, const Form& form, std::size_t steps, std::uint64_t seed) {
  const NodeSystem<N, Form> canonical(options, form);
  options.names_questions = false;
  options.draws_anew = true;
  const NodeSystem<N, ConcreteForm<N>> concrete(options);
  typename NodeSystem<N, Form>::Workspace workspace;
  typename NodeSystem<N, ConcreteForm<N>>::Workspace concrete_workspace;
  KeyedStream draws(seed);
  NodeState state;
  std::size_t differing = 0;
  for (std::size_t step = 0; step < steps; ++step) {
    if (step % 150 == 0) state = concrete.initial_states().front();
    std::vector<NodeState> next;
    std::vector<Fingerprint> forms;
    concrete.successors(concrete_workspace, state, [&](Action, const NodeState& one) {
      next.push_back(one);
      forms.push_back(canonical.fingerprint(canonical.adopt(concrete, one)));
    });
    std::vector<Fingerprint> expected;
    canonical.successors(workspace, canonical.adopt(concrete, state), [&](Action, const NodeState& one) {
      expected.push_back(canonical.fingerprint(one));
    });
    std::sort(forms.begin(), forms.end());
    std::sort(expected.begin(), expected.end());
    if (forms != expected) ++differing;
    if (next.empty())
      state = concrete.initial_states().front();
    else
      state = next[draws.below(next.size())];
  }
  return differing;
}

NodeOptions<ring::Node> ring_of(std::size_t nodes, std::size_t list_length) {
  return options_of(ShippedRing{.nodes = nodes, .list_length = list_length, .base = list_length + 1, .in_messages = true});
}
NodeOptions<coursework::Node> restless_peers() {
  return options_of(ShippedCoursework{
      .deaths = Budget::any, .starts = Budget::any, .settles_first = false, .in_messages = true});
}

}  // namespace

TEST_CASE("ring states go on message by message as those do that stand for them") {
  CHECK(states_that_differ(ring_of(3, 1), message_form(), 4000, 1) == 0);
  CHECK(states_that_differ(ring_of(4, 2), message_form(), 4000, 2) == 0);
}

TEST_CASE("coursework states go on message by message as those do that stand for them") {
  CHECK(states_that_differ(restless_peers(), peer_message_form(), 4000, 1) == 0);
}

TEST_CASE("a form of message steps that forgets something is caught") {
  const auto of_ring = [](void (*forget)(ring::Node&)) {
    return states_that_differ(ring_of(4, 2), ForgetfulForm<ring::Node>{message_form(), forget}, 2000, 1);
  };
  SECTION("that an answer is awaited") {
    CHECK(of_ring([](ring::Node& node) { field_of<probe>(node) = {}; }) > 0);
  }
  SECTION("what was forwarded") {
    CHECK(of_ring([](ring::Node& node) { field_of<relays>(node) = {}; }) > 0);
  }
  SECTION("the letters of a peer") {
    const auto forget = [](coursework::Node& node) { field_of<letters>(node) = {}; };
    CHECK(states_that_differ(restless_peers(), ForgetfulForm<coursework::Node>{peer_message_form(), forget}, 2000, 1) >
          0);
  }
}
