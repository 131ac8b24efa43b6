// Every interleaving of single messages of the shipped ring node: that ring becomes ideal, whatever its way there.

#include "check/engine/explorer.h"
#include "tests/catch.h"
#include "tests/check/shipped/expected_counts.h"
#include "tests/check/shipped/shipped_ring.h"

using namespace peerbed;
using namespace peerbed::check;

namespace {

void check_messages(const ShippedRing& ring, const Counts& expected, std::uint8_t crashes = 0) {
  NodeOptions<ring::Node> options = options_of(ring);
  options.budget.crash = crashes;
  options.budget.start = 1;
  options.always.pop_back();  // that enough members are principal is said of exchanges
  check_counts(NodeSystem<ring::Node, NodeForm<ring::Node>>(options, message_form()), expected);
}

}  // namespace

TEST_CASE("three shipped nodes that stabilize stay ideal, message by message") {
  check_messages({.nodes = 3, .list_length = 2, .base = 3, .in_messages = true}, {44'636, 200'577, 21, 44'636});
}

TEST_CASE("a third shipped node joins two of them, message by message", "[.nightly]") {
  check_messages({.nodes = 3, .list_length = 1, .base = 2, .in_messages = true},
                 {6'787'041, 38'443'640, 46, 2'682'115});
}

TEST_CASE("one of three shipped nodes crashes, message by message", "[.nightly]") {
  check_messages({.nodes = 3, .list_length = 1, .base = 2, .in_messages = true},
                 {13'185'023, 76'437'325, 46, 3'028'556}, 1);
}

TEST_CASE("where questions keep their own ids, asking again and again leads to new states for ever") {
  NodeOptions<ring::Node> options = options_of({.nodes = 3, .list_length = 2, .base = 3, .in_messages = true});
  options.names_questions = false;
  const NodeSystem<ring::Node, NodeForm<ring::Node>> system(options, message_form());
  CHECK(Explorer(system, {.at_most_states = 100'000}).run().ending == Ending::states_bound);
}
