#include "protocols/swim/gossip.h"

#include "tests/catch.h"

using namespace peerbed;
using namespace peerbed::swim;

namespace {

Update alive(std::uint32_t host, std::uint32_t incarnation = 0) {
  return {Address::ipv4(host, 1), incarnation, Standing::alive, {}};
}

}  // namespace

TEST_CASE("each update travels as often as it may") {
  Gossip gossip;
  gossip.add(alive(1));
  for (int i = 0; i < 5; ++i) {
    Updates updates;
    gossip.take(updates, 8, 3);
    CHECK(updates.size() == (i < 3 ? 1 : 0));
  }
  CHECK(gossip.size() == 0);
}

TEST_CASE("what has travelled least goes first, and of that, the newest") {
  Gossip gossip;
  gossip.add(alive(1));
  gossip.add(alive(2));
  Updates first;
  gossip.take(first, 1, 10);
  CHECK(first[0] == alive(2));
  gossip.add(alive(3));
  Updates second;
  gossip.take(second, 3, 10);
  REQUIRE(second.size() == 3);
  CHECK(second[0] == alive(3));
  CHECK(second[1] == alive(1));
  CHECK(second[2] == alive(2));
}

TEST_CASE("newer news of a member replaces what was said before, and travels anew") {
  Gossip gossip;
  gossip.add(alive(1));
  Updates first;
  gossip.take(first, 8, 2);
  gossip.add(alive(1, 1));
  CHECK(gossip.size() == 1);
  for (int i = 0; i < 2; ++i) {
    Updates updates;
    gossip.take(updates, 8, 2);
    REQUIRE(updates.size() == 1);
    CHECK(updates[0] == alive(1, 1));
  }
}

TEST_CASE("a message that says something of a member already says nothing else of it") {
  Gossip gossip;
  gossip.add(alive(1));
  gossip.add(alive(2));
  Updates updates;
  updates.add({alive(1).member, 0, Standing::suspect, alive(3).member});
  gossip.take(updates, 8, 10);
  REQUIRE(updates.size() == 2);
  CHECK(updates[1] == alive(2));
}
