// What Lifeguard adds to SWIM: groups with slow members bury fewer of the living, and crashes are noticed as before.

#include "tests/catch.h"
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

struct Outcome {
  std::size_t healthy_buried = 0;  // healthy members that somebody took for dead, counted once for each
  std::size_t slow_buried = 0;
};

Outcome outcome_with(const Options& options, Duration still, Duration between, std::uint64_t seed) {
  SwimWorld world(options, members, members, seed);
  world.set_network(20ms);
  world.start(0, members);
  world.run_for(10s);
  for (int i = 0; i < 12; ++i) {
    for (NodeIndex node = 0; node < slow; ++node) world.world().pause(node);
    world.run_for(still);
    for (NodeIndex node = 0; node < slow; ++node) world.world().resume(node);
    world.run_for(between);
  }
  Outcome outcome;
  for (const auto& death : world.of(TraceEvent::member_dead))
    ++(sim::node_at(Address{death.values[0]}) < slow ? outcome.slow_buried : outcome.healthy_buried);
  return outcome;
}

}  // namespace

TEST_CASE("with Lifeguard, slow members bury fewer of the healthy") {
  Outcome alone;
  Outcome guarded;
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    for (const auto& [options, outcome] : {std::pair(swim_alone(), &alone), std::pair(Options{}, &guarded)}) {
      const Outcome one = outcome_with(options, 15s, 1s, seed);
      outcome->healthy_buried += one.healthy_buried;
      outcome->slow_buried += one.slow_buried;
    }
  }
  INFO("SWIM alone: " << alone.healthy_buried << " healthy and " << alone.slow_buried
                      << " slow; Lifeguard: " << guarded.healthy_buried << " and " << guarded.slow_buried);
  CHECK(alone.healthy_buried >= 20);
  CHECK(guarded.healthy_buried * 10 <= alone.healthy_buried);
  CHECK(guarded.slow_buried <= alone.slow_buried);
}

TEST_CASE("a slow member notices that it is slow, and recovers") {
  SwimWorld world({}, members, members);
  world.set_network(20ms);
  world.start(0, members);
  world.run_for(10s);
  for (int i = 0; i < 4; ++i) {
    world.world().pause(0);
    world.run_for(5s);
    world.world().resume(0);
    world.run_for(1s);
  }
  CHECK(world.node(0).local_health() > 0);
  CHECK(world.node(20).local_health() == 0);
  world.run_for(60s);
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

TEST_CASE("a suspect is told with the next message, and so objects sooner") {
  const auto objection = [](bool buddy_system) {
    Options options;
    options.buddy_system = buddy_system;
    options.piggyback = 1;
    Duration sum{};
    for (std::uint64_t seed = 1; seed <= 10; ++seed) {
      SwimWorld world(options, members, members, seed);
      world.start(0, members);
      world.run_for(5s);
      world.world().pause(0);
      while (world.of(TraceEvent::member_suspected).empty()) world.run_for(100ms);
      world.world().resume(0);
      while (world.of(TraceEvent::suspicion_refuted).empty()) world.run_for(100ms);
      sum += world.of(TraceEvent::suspicion_refuted)[0].time - world.of(TraceEvent::member_suspected)[0].time;
    }
    return sum;
  };
  CHECK(objection(true) < objection(false));
}
