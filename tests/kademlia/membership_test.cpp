// Joining, routing tables under failures, and partitions that heal.

#include "tests/catch.h"
#include "tests/kademlia/kademlia_world.h"

using namespace peerbed;
using namespace peerbed::kademlia;

namespace {

// How many of `count` lookups from running hosts end at the closest running host.
std::size_t right_lookups(KademliaWorld& world, std::size_t count, std::uint64_t seed) {
  KeyedStream draws(seed);
  world.forget();
  for (std::size_t i = 0; i < count;) {
    const auto from = static_cast<NodeIndex>(draws.below(world.size()));
    if (!world.runs(from)) continue;
    world.command(from, "lookup " + std::to_string(draws.next()));
    world.run_for(50ms);
    ++i;
  }
  world.run_for(1min);
  REQUIRE(world.of(TraceEvent::lookup_done).size() == count);
  std::map<std::uint64_t, NodeIndex> hosts;
  for (NodeIndex i = 0; i < world.size(); ++i) hosts[world.contact(i).id.high] = i;
  std::size_t right = 0;
  for (const auto& answered : world.of(TraceEvent::lookup_answered)) {
    const NodeIndex owner = hosts.at(answered.values[1]);
    // The other bits of the key decide nothing: no two hosts share their first 64.
    right += world.closest_to({answered.values[0], 0, 0}) == owner ? 1 : 0;
  }
  return right;
}

}  // namespace

TEST_CASE("a node that joins alone is a member and finds itself") {
  KademliaWorld world({}, 1, 0);
  world.start(0, 1);
  CHECK(world.node(0).joined());
  world.command(0, "lookup a");
  REQUIRE(world.of(TraceEvent::lookup_answered).size() == 1);
  CHECK(world.of(TraceEvent::lookup_answered)[0].values[1] == world.contact(0).id.high);
}

TEST_CASE("nodes that join one after another through one of them find every key") {
  KademliaWorld world({.bucket_size = 8}, 150, 0);
  world.start(0, 150, 200ms);
  world.run_for(1min);
  for (NodeIndex i = 0; i < 150; ++i) CHECK(world.node(i).joined());
  CHECK(world.of(TraceEvent::joined).size() == 149);
  CHECK(right_lookups(world, 200, 1) == 200);
}

TEST_CASE("nodes that join at the same instant find every key when they have refreshed once") {
  KademliaWorld world({.bucket_size = 8, .refresh_period = 2min}, 100, 0);
  world.start(0, 100);
  world.run_for(5min);
  CHECK(right_lookups(world, 200, 2) == 200);
}

TEST_CASE("a node that joins after hours looks up the range of each of its buckets at once") {
  KademliaWorld world({.bucket_size = 4}, 101, 100);
  world.start(0, 100);
  world.run_for(5h);
  world.start(100, 101);
  world.run_for(1min);
  const kademlia::Node& newcomer = world.node(100);
  REQUIRE(newcomer.joined());
  for (NodeIndex i = 0; i < 100; ++i) {
    const unsigned prefix = common_prefix(world.contact(i).id, newcomer.self());
    REQUIRE(prefix < newcomer.table().buckets().size());
    CHECK_FALSE(newcomer.table().buckets()[prefix].entries().empty());
    // Whoever is in no full bucket is known.
    if (newcomer.table().buckets()[prefix].entries().size() == 4) continue;
    const auto entries = newcomer.table().buckets()[prefix].entries();
    CHECK(std::any_of(entries.begin(), entries.end(),
                      [&](const kademlia::Entry& entry) { return entry.contact == world.contact(i); }));
  }
}

TEST_CASE("a node whose bootstrap node is down joins when that is up") {
  KademliaWorld world({}, 3, 0);
  world.start(1, 3);
  world.run_for(1min);
  CHECK_FALSE(world.node(1).joined());
  world.command(1, "lookup a");
  CHECK(world.of(TraceEvent::lookup_done).back().values[3] == 0);
  world.start(0, 1);
  world.run_for(10min);
  CHECK(world.node(1).joined());
  CHECK(world.node(2).joined());
  CHECK(right_lookups(world, 20, 3) == 20);
}

TEST_CASE(
    "lookups find the closest running node after half of all have crashed, and contacts that are gone are replaced") {
  KademliaWorld world({.bucket_size = 8, .refresh_period = 5min}, 200, 200);
  world.start(0, 200);
  world.run_for(1s);
  for (NodeIndex i = 1; i < 200; i += 2) world.world().crash(i, Disk::wipe);
  CHECK(right_lookups(world, 300, 4) >= 297);
  world.run_for(30min);
  CHECK(right_lookups(world, 300, 5) == 300);
  std::size_t contacts = 0;
  std::size_t dead = 0;
  for (NodeIndex i = 0; i < 200; i += 2)
    for (const Bucket& bucket : world.node(i).table().buckets())
      for (const kademlia::Entry& entry : bucket.entries()) {
        ++contacts;
        dead += world.runs(sim::node_at(entry.contact.address)) || entry.is_stale(world.node(i).options()) ? 0 : 1;
      }
  // What has failed only once since may still be there.
  CHECK(dead * 20 < contacts);
}

TEST_CASE("lookups succeed although a tenth of all datagrams are lost") {
  KademliaWorld world({.bucket_size = 8}, 100, 100);
  world.set_network(10ms, 0.1);
  world.start(0, 100);
  CHECK(right_lookups(world, 300, 6) >= 294);
}

TEST_CASE("two halves that were cut off from each other for an hour find each other's nodes again") {
  KademliaWorld world({.bucket_size = 8, .refresh_period = 10min}, 60, 60);
  world.start(0, 60);
  sim::NodeSet one;
  sim::NodeSet other;
  for (NodeIndex i = 0; i < 60; ++i) (i % 2 == 0 ? one : other).insert(i);
  world.world().network().partition("", one, other, false);
  world.run_for(1h);
  world.world().network().heal_all();
  world.run_for(30min);
  CHECK(right_lookups(world, 200, 7) == 200);
}

TEST_CASE("a node that leaves says nothing and is gone") {
  KademliaWorld world({}, 10, 10);
  world.start(0, 10);
  world.command(3, "quit");
  CHECK_FALSE(world.runs(3));
  CHECK(world.of(TraceEvent::left).size() == 1);
}
