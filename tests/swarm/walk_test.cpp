#include "protocols/swarm/files/walk.h"

#include <algorithm>
#include <set>

#include "tests/catch.h"
#include "tests/swarm/stage.h"

using namespace peerbed;
using namespace peerbed::swarm;

namespace {

PeerList list_of(std::size_t peers) {
  PeerList list(std::array{Stage::other(1)}, 1000);
  ListPage page{.version = {1, 1}, .after = {}, .last = true, .peers = {}};
  for (std::size_t i = 0; i < peers; ++i) page.peers.add(Stage::other(static_cast<NodeIndex>(i + 10)));
  list.on_page(0, page);
  REQUIRE(list.size() == peers);
  return list;
}

std::vector<Address> steps_of(Walk walk, const PeerList& list) {
  std::vector<Address> steps;
  while (!walk.is_over(list)) steps.push_back(walk.next(list));
  CHECK_FALSE(walk.next(list));
  return steps;
}

}  // namespace

TEST_CASE("a walk meets each peer of a list once, however long the list is") {
  for (std::size_t peers = 0; peers <= 60; ++peers) {
    const PeerList list = list_of(peers);
    Stage stage;
    const auto steps =
        stage.act([&](const Context& context) { return steps_of(Walk(context.environment, list), list); });
    CHECK(steps.size() == peers);
    CHECK(std::set(steps.begin(), steps.end()).size() == peers);
  }
}

TEST_CASE("each walk has an order of its own") {
  const PeerList list = list_of(50);
  Stage stage;
  std::set<std::vector<Address>> orders;
  for (int i = 0; i < 10; ++i)
    orders.insert(stage.act([&](const Context& context) { return steps_of(Walk(context.environment, list), list); }));
  CHECK(orders.size() == 10);
}

TEST_CASE("a list that shrinks under a walk ends it early, and one that grows lets it go on") {
  const PeerList list = list_of(20);
  Stage stage;
  Walk walk = stage.act([&](const Context& context) { return Walk(context.environment, list); });
  for (int i = 0; i < 10; ++i) CHECK(walk.next(list));
  CHECK(walk.is_over(list_of(10)));
  CHECK_FALSE(walk.next(list_of(10)));
  CHECK_FALSE(walk.is_over(list_of(40)));
  CHECK(walk.next(list_of(40)));
}
