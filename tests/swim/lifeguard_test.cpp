// What Lifeguard adds to SWIM: groups with slow members bury fewer of the living, and crashes are noticed as before.

#include "tests/catch.h"
#include "tests/swim/alone.h"
#include "tests/swim/swim_world.h"

using namespace peerbed;
using namespace peerbed::swim;

namespace {

constexpr std::size_t members = 64;
constexpr NodeIndex slow = 8;  // the first ones stand still again and again

Options swim_alone() {
  Options options;
  options.suspicion_spread = 1;
  options.local_health_limit = 0;
  options.buddy_system = false;
  return options;
}

// The slow members neither send nor receive for so long, while their timers run (section V.D of the paper).
void stand_still(SwimWorld& world, NodeIndex count, Duration duration) {
  std::vector<NodeIndex> slow_ones;
  std::vector<NodeIndex> others;
  for (NodeIndex node = 0; node < members; ++node) (node < count ? slow_ones : others).push_back(node);
  const Time until = world.world().now() + duration;
  const sim::NodeSet all_slow(slow_ones);
  sim::NodeSet everybody(others);
  world.world().network().clog(all_slow, everybody, until);
  world.world().network().clog(everybody, all_slow, until);
  world.run_for(duration);
}

// How often a healthy member declared a healthy one dead, or heard so.
std::size_t healthy_buried(const Options& options, Duration still, std::uint64_t seed) {
  SwimWorld world(options, members, members, seed);
  world.set_network(20ms);
  world.start(0, members);
  world.run_for(10s);
  for (int i = 0; i < 10; ++i) {
    stand_still(world, slow, still);
    world.run_for(2s);
  }
  std::size_t buried = 0;
  for (const auto& death : world.of(TraceEvent::member_dead))
    if (death.node >= slow && sim::node_at(Address{death.values[0]}) >= slow) ++buried;
  return buried;
}

}  // namespace

TEST_CASE("with Lifeguard, slow members have fewer of the healthy buried") {
  std::size_t alone = 0;
  std::size_t guarded = 0;
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    alone += healthy_buried(swim_alone(), 12s, seed);
    guarded += healthy_buried({}, 12s, seed);
  }
  INFO("SWIM alone: " << alone << ", with Lifeguard: " << guarded);
  CHECK(alone >= 100);
  CHECK(guarded * 10 <= alone);
}

TEST_CASE("a slow member notices that it is slow, and recovers") {
  SwimWorld world({}, members, members);
  world.set_network(20ms);
  world.start(0, members);
  world.run_for(10s);
  stand_still(world, 1, 12s);
  CHECK(world.node(0).local_health() > 3);
  CHECK(world.node(20).local_health() == 0);
  world.run_for(90s);
  CHECK(world.node(0).local_health() == 0);
}

TEST_CASE("a crash is buried as soon as without Lifeguard, thanks to confirmations") {
  const auto burial = [](const Options& options) {
    SwimWorld world(options, members, members);
    world.start(0, members);
    world.run_for(10s);
    const Time crash = world.world().now();
    world.world().crash(0, Disk::keep);
    world.run_for(2min);
    REQUIRE(world.of(TraceEvent::member_dead).size() == members - 1);
    return world.of(TraceEvent::member_dead).front().time - crash;
  };
  CHECK(burial(Options{}) < 1.5 * burial(swim_alone()));
}

TEST_CASE("a suspect is told with the next message to it, whatever other news there are") {
  for (const bool buddy_system : {true, false}) {
    Options options;
    options.buddy_system = buddy_system;
    options.piggyback = 1;
    Alone alone(options);
    alone.say({other, 0, Standing::suspect, stranger(1)});
    alone.say({stranger(1), 0, Standing::alive, {}});
    alone.hear(other, Ping{3, {}});
    REQUIRE(alone.sent<Ack>().size() == 1);
    CHECK(alone.sent<Ack>()[0].second.updates[0].member == (buddy_system ? other : stranger(1)));
  }
}
