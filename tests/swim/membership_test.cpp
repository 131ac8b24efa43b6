// Who is a member: joining, leaving, crashing, coming back, and partitions.

#include "tests/catch.h"
#include "tests/swim/swim_world.h"

using namespace peerbed;
using namespace peerbed::swim;

TEST_CASE("newcomers become known to all, one by one and all at once") {
  SwimWorld world({}, 100, 0);
  world.start(0, 1);
  for (NodeIndex i = 1; i < 20; ++i) {
    world.start(i, i + 1);
    world.run_for(500ms);
  }
  world.start(20, 100);
  world.run_for(60s);
  CHECK(world.of(TraceEvent::joined).size() == 99);
  CHECK(world.agree());
  CHECK(world.of(TraceEvent::member_suspected).empty());
}

TEST_CASE("newcomers become known although messages are lost") {
  SwimWorld world({}, 60, 5, 3);
  world.set_network(20ms, 0.2);
  world.start(0, 60);
  world.run_for(120s);
  CHECK(world.of(TraceEvent::joined).size() == 55);
  CHECK(world.agree());
}

TEST_CASE("a member that leaves is known to have left, without suspicion, within a few periods") {
  SwimWorld world({}, 50, 50);
  world.start(0, 50);
  world.run_for(5s);
  world.world().command(7, "quit");
  world.run_for(8s);
  CHECK_FALSE(world.runs(7));
  CHECK(world.agree());
  CHECK(world.of(TraceEvent::member_suspected).empty());
  REQUIRE(world.of(TraceEvent::member_dead).size() == 49);
  for (const auto& entry : world.of(TraceEvent::member_dead)) CHECK(entry.values[3] == 1);
}

TEST_CASE("crashed members are buried by all, and come back under the same address") {
  SwimWorld world({}, 50, 50);
  world.start(0, 50);
  world.run_for(5s);
  for (const NodeIndex node : {3U, 4U, 5U, 20U}) world.world().crash(node, Disk::keep);
  world.run_for(40s);
  CHECK(world.agree());
  for (const NodeIndex node : {3U, 4U, 5U, 20U}) world.world().start(node);
  world.run_for(30s);
  CHECK(world.agree());
  CHECK(world.of(TraceEvent::member_dead).size() == 4 * 46);
}

TEST_CASE("a member that comes back before anybody has noticed is not buried") {
  SwimWorld world({}, 50, 50);
  world.start(0, 50);
  world.run_for(5s);
  world.world().crash(9, Disk::keep);
  world.run_for(2s);
  world.world().start(9);
  world.run_for(60s);
  CHECK(world.agree());
  CHECK(world.of(TraceEvent::member_dead).empty());
}

TEST_CASE("the halves of a group that was parted find each other again, though each had buried the other") {
  SwimWorld world({}, 40, 40);
  world.start(0, 40);
  world.run_for(5s);
  std::vector<NodeIndex> even;
  std::vector<NodeIndex> odd;
  for (NodeIndex i = 0; i < 40; ++i) (i % 2 == 0 ? even : odd).push_back(i);
  world.world().network().partition("halves", sim::NodeSet(even), sim::NodeSet(odd), false);
  world.run_for(2min);
  CHECK(world.node(0).members().living() == 20);
  CHECK(world.node(1).members().living() == 20);
  world.world().network().heal_all();
  world.run_for(90s);
  CHECK(world.agree());
}

TEST_CASE("lists that gossip has left different become the same by comparing them") {
  Options options{.repeat_factor = 1};
  options.sync_period = 10s;
  SwimWorld world(options, 60, 30, 2);
  world.set_network(20ms, 0.5);
  world.start(0, 60);
  world.run_for(60s);
  world.set_network(20ms);
  world.run_for(3min);
  CHECK(world.agree());
}

TEST_CASE("comparing lists costs next to nothing while they are the same") {
  Options options;
  options.sync_period = 1s;
  SwimWorld world(options, 100, 100);
  world.start(0, 100);
  world.run_for(60s);
  const auto traffic = world.world().sent_by_kind(0);
  REQUIRE(traffic[ListPage::kind.number].datagrams > 5'000);
  CHECK(traffic[ListPage::kind.number].bytes < 12 * traffic[ListPage::kind.number].datagrams);
}

TEST_CASE("a member says whom it lists") {
  SwimWorld world({}, 3, 3);
  world.start(0, 3);
  world.world().command(0, "members");
  world.world().command(0, "who");
  CHECK(world.lines() == std::vector<std::string>{"3 members", "10.0.0.1:4000", "10.0.0.2:4000", "10.0.0.3:4000",
                                                  "Unknown command: members and quit are known"});
}
