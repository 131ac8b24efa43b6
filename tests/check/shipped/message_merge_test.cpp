// Where each message is a step: a concrete state goes on as the state does that stands for it, in which questions are
// named and what does not matter is left out.

#include "tests/catch.h"
#include "tests/check/shipped/message_walk.h"
#include "tests/check/shipped/shipped_coursework.h"
#include "tests/check/shipped/shipped_ring.h"

using namespace peerbed;
using namespace peerbed::check;

namespace {

constexpr std::size_t probe = 10;  // the places of fields: of a ring node
constexpr std::size_t relays = 7;
constexpr std::size_t letters = 18;  // of a peer of the coursework

NodeOptions<ring::Node> ring_of(std::size_t nodes, std::size_t list_length) {
  return options_of(
      ShippedRing{.nodes = nodes, .list_length = list_length, .base = list_length + 1, .in_messages = true});
}
NodeOptions<coursework::Node> restless_peers() {
  return options_of(
      ShippedCoursework{.deaths = Budget::any, .starts = Budget::any, .settles_first = false, .in_messages = true});
}

// Who suspects all others wrongly loses them.
NodeForm<ring::Node> disturbed_form() {
  auto form = message_form();
  form.scope.isolation = true;
  return form;
}

// Any timer may fire at any time, and any message be lost or doubled.
template <class N>
NodeOptions<N> disturbed(NodeOptions<N> options) {
  options.clock = Clock::hasty;
  options.budget.drop = options.budget.duplicate = Budget::any;
  return options;
}

}  // namespace

TEST_CASE("ring states go on message by message as those do that stand for them") {
  CHECK(states_that_differ(ring_of(3, 1), message_form(), 4000, 1) == 0);
  CHECK(states_that_differ(ring_of(4, 2), message_form(), 4000, 2) == 0);
}

TEST_CASE("they do so where nodes suspect one another wrongly and messages are lost and doubled") {
  CHECK(states_that_differ(disturbed(ring_of(3, 1)), disturbed_form(), 3000, 1) == 0);
  CHECK(states_that_differ(disturbed(ring_of(4, 2)), disturbed_form(), 3000, 2) == 0);
  CHECK(states_that_differ(disturbed(restless_peers()), peer_message_form(), 3000, 3) == 0);
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

TEST_CASE("a hundred thousand states of each protocol go on message by message as those that stand for them",
          "[.nightly]") {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    CHECK(states_that_differ(ring_of(3, 1), message_form(), 10'000, seed) == 0);
    CHECK(states_that_differ(ring_of(4, 2), message_form(), 10'000, seed) == 0);
    CHECK(states_that_differ(restless_peers(), peer_message_form(), 20'000, seed) == 0);
    CHECK(states_that_differ(disturbed(ring_of(3, 1)), message_form(), 5'000, seed) == 0);
    CHECK(states_that_differ(disturbed(ring_of(4, 2)), message_form(), 5'000, seed) == 0);
    CHECK(states_that_differ(disturbed(restless_peers()), peer_message_form(), 5'000, seed) == 0);
  }
}
