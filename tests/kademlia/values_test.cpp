// Values in a network: who holds them, how they are kept, and how they end.

#include <set>

#include "tests/catch.h"
#include "tests/kademlia/kademlia_world.h"

using namespace peerbed;
using namespace peerbed::kademlia;

namespace {

// The `count` running hosts that are closest to the key.
std::vector<NodeIndex> closest_hosts(const KademliaWorld& world, const Id& key, std::size_t count) {
  std::vector<NodeIndex> hosts;
  for (NodeIndex i = 0; i < world.size(); ++i)
    if (world.runs(i)) hosts.push_back(i);
  std::sort(hosts.begin(), hosts.end(), [&](NodeIndex one, NodeIndex other) {
    return is_closer(world.contact(one).id, world.contact(other).id, key);
  });
  hosts.resize(std::min(hosts.size(), count));
  std::sort(hosts.begin(), hosts.end());
  return hosts;
}

std::string last_line(const KademliaWorld& world) { return world.lines().empty() ? "" : world.lines().back(); }

}  // namespace

TEST_CASE("a value is put to the nodes closest to its key, and any node gets it") {
  KademliaWorld world({.bucket_size = 5}, 60, 60);
  world.start(0, 60);
  for (int i = 0; i < 20; ++i) {
    const std::string name = "name-" + std::to_string(i);
    world.command(static_cast<NodeIndex>(i), "put " + name + " value " + std::to_string(i));
    world.run_for(10s);
    CHECK(last_line(world) == name + " is stored");
    CHECK(world.holders(key_of_name(name)) == closest_hosts(world, key_of_name(name), 5));
    world.command(static_cast<NodeIndex>(59 - i), "get " + name);
    world.run_for(10s);
    CHECK(last_line(world) == name + " = value " + std::to_string(i));
  }
  CHECK(world.of(TraceEvent::value_acknowledged).size() == 20);
  CHECK(world.of(TraceEvent::store_refused).empty());
  world.command(7, "get nothing");
  world.run_for(10s);
  CHECK(world.of(TraceEvent::get_done).back().values[3] == 0);
}

TEST_CASE("the later put of two wins, though the clock of its publisher is behind") {
  KademliaWorld world({.bucket_size = 5, .read_quorum = 5}, 30, 30);
  world.world().set_clock(9, -1h, 0);
  world.start(0, 30);
  world.run_for(2h);
  world.command(3, "put colour red");
  world.run_for(10s);
  world.command(9, "put colour green");
  world.run_for(10s);
  CHECK(last_line(world) == "colour is stored");
  world.command(20, "get colour");
  world.run_for(10s);
  CHECK(last_line(world) == "colour = green");
  for (const NodeIndex holder : world.holders(key_of_name("colour")))
    CHECK(world.node(holder).store().find(key_of_name("colour"), world.world().now())->bytes.size() == 5);
}

TEST_CASE("values survive although the holders crash one after another, since others take their place") {
  KademliaWorld world({.bucket_size = 5, .refresh_period = 10min, .replicate_period = 10min}, 80, 80);
  world.start(0, 80);
  world.command(0, "put colour green");
  world.run_for(10s);
  const Id key = key_of_name("colour");
  std::size_t crashes = 0;
  for (int round = 0; round < 10; ++round) {
    // Two of five holders, and never the publisher.
    std::size_t now = 0;
    for (const NodeIndex holder : world.holders(key))
      if (holder != 0 && now++ < 2) world.world().crash(holder, Disk::wipe);
    crashes += std::min<std::size_t>(now, 2);
    world.run_for(30min);
    CHECK(world.holders(key).size() >= 4);
  }
  CHECK(crashes == 20);
  NodeIndex asker = 1;
  while (!world.runs(asker)) ++asker;
  world.command(asker, "get colour");
  world.run_for(10s);
  CHECK(last_line(world) == "colour = green");
}

TEST_CASE("holders store a value again once an hour together, not each of them") {
  KademliaWorld world({.bucket_size = 8}, 60, 60);
  world.start(0, 60);
  world.command(0, "put colour green");
  world.run_for(1min);
  const std::uint64_t before = world.arrived(StoreValue::kind);
  world.run_for(10h);
  const std::uint64_t stores = world.arrived(StoreValue::kind) - before;
  CHECK(stores >= 8 * 8);
  CHECK(stores <= 8 * 8 * 3);
}

TEST_CASE("a value that its publisher no longer stores expires everywhere") {
  KademliaWorld world({.bucket_size = 5, .value_lifetime = 2h, .republish_period = 1h}, 40, 40);
  world.start(0, 40);
  world.command(0, "put colour green");
  world.run_for(6h);
  const Id key = key_of_name("colour");
  CHECK(world.holders(key).size() >= 5);
  world.world().crash(0, Disk::wipe);
  world.run_for(2h + 10min);
  CHECK(world.holders(key).empty());
  CHECK(world.of(TraceEvent::value_expired).size() >= 4);
  for (NodeIndex i = 1; i < 40; ++i) CHECK(world.node(i).store().size() == 0);
}

TEST_CASE("a newcomer is given the values that it is closer to than those who have them") {
  KademliaWorld world({.bucket_size = 4, .replicate_period = 0s}, 41, 40);
  world.start(0, 40);
  for (int i = 0; i < 60; ++i) world.command(static_cast<NodeIndex>(i % 40), "put name-" + std::to_string(i) + " x");
  world.run_for(1min);
  world.start(40, 41);
  world.run_for(5min);
  std::size_t closest = 0;
  std::size_t held = 0;
  for (int i = 0; i < 60; ++i) {
    const Id key = key_of_name("name-" + std::to_string(i));
    if (world.closest_to(key) != 40) continue;
    ++closest;
    held += world.node(40).store().find(key, world.world().now()) != nullptr ? 1 : 0;
  }
  CHECK(closest > 0);
  CHECK(held == closest);
}

TEST_CASE("puts and gets of a node that has not joined, and too many at once, fail and say so") {
  KademliaWorld world({}, 2, 0);
  world.start(1, 2);
  world.command(1, "put a b");
  world.command(1, "get a");
  CHECK(world.of(TraceEvent::put_done).back().values[3] == 0);
  CHECK(world.of(TraceEvent::get_done).back().values[3] == 0);
  CHECK(world.node(1).pending_operations() == 0);
  KademliaWorld busy({}, 30, 30);
  busy.start(0, 30);
  for (std::size_t i = 0; i < 2 * maximum_operations; ++i) busy.command(3, "get " + std::to_string(i));
  CHECK(busy.node(3).pending_operations() <= maximum_operations);
  CHECK(busy.node(3).pending_lookups() <= maximum_lookups);
  busy.run_for(1min);
  CHECK(busy.node(3).pending_operations() == 0);
  CHECK(busy.of(TraceEvent::get_done).size() == 2 * maximum_operations);
}
