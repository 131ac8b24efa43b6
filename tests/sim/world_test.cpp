// The world: time, order, timers, processes, disks, clocks, and the world as a value.

#include "sim/engine/world.h"

#include "tests/catch.h"
#include "tests/sim/chatter.h"

namespace peerbed::sim::testing {
namespace {

using namespace std::chrono_literals;
using Texts = std::vector<std::string>;

const Chatter& chatter(const World& world, NodeIndex node) { return world.node<Chatter>(node); }

// Chatters that talk at random, over a lossy network with jitter.
World busy_world(std::size_t count, const WorldOptions& options) {
  World world = chatter_world(count, 1ms, options);
  world.network().set_default(
      {.latency = LatencyModel::exponential(1ms, 20ms), .loss = LossModel::independent(0.05), .duplicate = 0.01});
  for (NodeIndex node = 0; node < count; ++node)
    world.command(node, "chat " + std::to_string(count) + " " + std::to_string(50 + node % 7));
  return world;
}

}  // namespace

TEST_CASE("a datagram arrives after the latency, with the sender's address") {
  World world = chatter_world(2, 25ms);
  world.run_until(at(1s));
  world.command(0, "send 1 good day");
  world.run_until(at(1s + 25ms));
  CHECK(chatter(world, 1).heard.empty());
  world.run_until(at(1s + 25ms + 1ns));
  REQUIRE(chatter(world, 1).heard.size() == 1);
  CHECK(chatter(world, 1).heard[0] == Heard{at(1s + 25ms), address_of(0), "good day"});
}

TEST_CASE("datagrams of one instant arrive in the order of their sources, then of their sending") {
  World world = chatter_world(4, 10ms);
  world.command(3, "send 0 c1");
  world.command(2, "send 0 b1");
  world.command(3, "send 0 c2");
  world.command(1, "send 0 a1");
  world.run_until(at(1s));
  CHECK(texts(chatter(world, 0).heard) == Texts{"a1", "b1", "c1", "c2"});
}

TEST_CASE("a timer that is set again is replaced, whether it is due earlier or later") {
  World world = chatter_world(1, 1ms);
  world.command(0, "timer 0 100");
  world.command(0, "timer 0 30");
  world.command(0, "timer 1 40");
  world.command(0, "timer 1 90");
  world.run_until(at(1s));
  const std::vector<Heard> expected{{at(30ms), {}, "0"}, {at(90ms), {}, "1"}};
  CHECK(chatter(world, 0).fired == expected);
}

TEST_CASE("a timer that fired early and is set again to its first time fires then, once") {
  World world = chatter_world(1, 1ms);
  world.command(0, "timer 0 100");
  world.command(0, "timer 0 30");
  world.run_until(at(50ms));
  world.command(0, "timer 0 50");
  world.run_until(at(1s));
  const std::vector<Heard> expected{{at(30ms), {}, "0"}, {at(100ms), {}, "0"}};
  CHECK(chatter(world, 0).fired == expected);
}

TEST_CASE("a cancelled timer does not fire, and can be set again") {
  World world = chatter_world(1, 1ms);
  world.command(0, "timer 0 30");
  world.command(0, "cancel 0");
  world.run_until(at(20ms));
  world.command(0, "timer 0 50");
  world.run_until(at(1s));
  CHECK(chatter(world, 0).fired == std::vector<Heard>{{at(70ms), {}, "0"}});
}

TEST_CASE("a crash ends timers and drops what arrives, and a restart begins afresh") {
  World world = chatter_world(2, 10ms);
  world.command(0, "timer 0 50");
  world.command(1, "send 0 before");
  world.run_until(at(30ms));
  CHECK(world.crash(0, Disk::keep));
  CHECK_FALSE(world.crash(0, Disk::keep));
  CHECK_FALSE(world.command(0, "timer 1 10"));
  world.command(1, "send 0 while down");
  world.run_until(at(45ms));  // before the old process's timer was due
  CHECK(world.counters().dropped_down == 1);
  CHECK(texts(chatter(world, 0).heard) == Texts{"before"});
  CHECK(world.start(0));
  CHECK_FALSE(world.start(0));
  world.command(1, "send 0 after");
  world.run_until(at(1s));
  CHECK(texts(chatter(world, 0).heard) == Texts{"after"});
  CHECK(chatter(world, 0).fired.empty());
  CHECK(chatter(world, 0).started_at == at(45ms));
}

TEST_CASE("a datagram to an unused address is counted and dropped") {
  World world = chatter_world(1, 10ms);
  world.command(0, "send 77 anyone");
  world.run_until(at(1s));
  CHECK(world.counters().dropped_down == 1);
  CHECK(world.counters().delivered.datagrams == 0);
}

TEST_CASE("a paused host handles what waited, in order of arrival, when it resumes") {
  World world = chatter_world(3, 10ms);
  world.command(0, "timer 0 30");
  CHECK(world.pause(0));
  world.run_until(at(5ms));
  world.command(2, "send 0 first");
  world.run_until(at(6ms));
  world.command(1, "send 0 second");
  world.run_until(at(100ms));
  CHECK(chatter(world, 0).heard.empty());
  CHECK(chatter(world, 0).fired.empty());
  CHECK_FALSE(world.command(0, "draw"));
  CHECK(world.resume(0));
  CHECK_FALSE(world.resume(0));
  world.run_until(at(1s));
  CHECK(texts(chatter(world, 0).heard) == Texts{"first", "second"});
  CHECK(chatter(world, 0).fired == std::vector<Heard>{{at(100ms + 2ns), {}, "0"}});
}

TEST_CASE("a paused host drops what exceeds its receive buffer") {
  World world = chatter_world(2, 1ms, {.receive_buffer = 100});
  world.pause(0);
  for (int i = 0; i < 3; ++i) world.command(1, "send 0 " + std::string(20, 'x'));
  world.run_until(at(1s));
  CHECK(world.counters().dropped_buffer == 1);
  world.resume(0);
  world.run_until(at(2s));
  CHECK(chatter(world, 0).heard.size() == 2);
}

TEST_CASE("a host that crashes while paused keeps nothing of what waited") {
  World world = chatter_world(2, 1ms);
  world.pause(0);
  world.command(1, "send 0 lost");
  world.run_until(at(10ms));
  CHECK(world.crash(0, Disk::keep));
  CHECK(world.start(0));
  world.run_until(at(1s));
  CHECK(chatter(world, 0).heard.empty());
}

TEST_CASE("a graceful leave sends the last messages and ends the process") {
  class Watcher final : public Observer {
   public:
    void on_line(Time, NodeIndex, std::string_view line) override { lines.emplace_back(line); }
    void on_exit(Time time, NodeIndex node) override { exits.push_back({time, address_of(node), ""}); }
    Texts lines;
    std::vector<Heard> exits;
  } watcher;
  World world = chatter_world(2, 10ms);
  world.observe(&watcher);
  world.run_until(at(5ms));
  CHECK(world.leave(1));
  CHECK(world.status(1) == HostStatus::down);
  CHECK_FALSE(world.leave(1));
  world.run_until(at(1s));
  CHECK(texts(chatter(world, 0).heard) == Texts{"farewell"});
  CHECK(watcher.lines == Texts{"leaving"});
  CHECK(watcher.exits == std::vector<Heard>{{at(5ms), address_of(1), ""}});
}

TEST_CASE("a disk survives a crash that keeps it, but not one that wipes it") {
  World world = chatter_world(1, 1ms);
  world.command(0, "store 7 seven");
  world.command(0, "store 8 eight");
  world.command(0, "erase 8");
  world.crash(0, Disk::keep);
  world.start(0);
  CHECK(chatter(world, 0).stored == 1);
  world.command(0, "load 7");
  world.command(0, "load 8");
  world.run_until(at(10ms));
  CHECK(texts(chatter(world, 0).heard) == Texts{"seven", "(absent)"});
  world.crash(0, Disk::wipe);
  world.start(0);
  CHECK(chatter(world, 0).stored == 0);
}

TEST_CASE("a clock that is skewed and drifts changes what a node sees and how long it waits") {
  World world = chatter_world(1, 1ms);
  world.run_until(at(1s));
  world.set_clock(0, 500ms, 100'000'000);  // ten per cent fast
  world.command(0, "timer 0 1100");
  world.run_until(at(10s));
  REQUIRE(chatter(world, 0).fired.size() == 1);
  CHECK(chatter(world, 0).fired[0].at == at(1s + 500ms + 1100ms));  // by its own clock
  const World before = world;
  world.command(0, "timer 0 110");
  world.run_until(at(10s + 100ms));
  CHECK(chatter(world, 0).fired.size() == 1);
  world.run_until(at(10s + 100ms + 1ns));  // by true time
  CHECK(chatter(world, 0).fired.size() == 2);
}

TEST_CASE(
    "a clock is set relative to true time, whatever it showed before, and is correct again without offset and drift") {
  World world = chatter_world(1, 1ms);
  world.set_clock(0, 2h, 100'000'000);
  world.run_until(at(1s));
  world.set_clock(0, -500ms, 0);
  world.command(0, "timer 0 100");
  world.run_until(at(2s));
  world.set_clock(0, 0s, 0);
  world.command(0, "timer 0 100");
  world.run_until(at(3s));
  REQUIRE(chatter(world, 0).fired.size() == 2);
  CHECK(chatter(world, 0).fired[0].at == at(600ms));
  CHECK(chatter(world, 0).fired[1].at == at(2s + 100ms));
}

TEST_CASE("a lying node damages one bit of what it sends") {
  World world = chatter_world(2, 1ms);
  world.set_lying(0, 1.0);
  world.command(0, "send 1 truth");
  world.run_until(at(1s));
  world.set_lying(0, 0.0);
  world.command(0, "send 1 truth");
  world.run_until(at(2s));
  REQUIRE(chatter(world, 1).heard.size() == 2);
  const std::string& lie = chatter(world, 1).heard[0].text;
  int bits = 0;
  for (std::size_t i = 0; i < lie.size(); ++i)
    bits += __builtin_popcount(static_cast<unsigned char>(lie[i] ^ "truth"[i]));
  CHECK(bits == 1);
  CHECK(chatter(world, 1).heard[1].text == "truth");
  CHECK(world.counters().corrupted == 1);
}

TEST_CASE("a node's draws depend only on the seed, the node and their count") {
  const auto draws = [](std::uint64_t seed, bool with_others) {
    World world = chatter_world(3, 1ms, {.seed = seed});
    for (int i = 0; i < 3; ++i) {
      if (with_others) world.command(2, "draw");
      world.command(1, "draw");
    }
    return chatter(world, 1).drawn;
  };
  CHECK(draws(1, false) == draws(1, true));
  CHECK(draws(1, false) != draws(2, false));
  CHECK(draws(1, false)[0] != draws(1, false)[1]);
}

TEST_CASE("the wheel and the heap give the same digests") {
  World wheel = busy_world(40, {.seed = 9, .queue = EventQueueKind::wheel});
  World heap = busy_world(40, {.seed = 9, .queue = EventQueueKind::heap});
  World other = busy_world(40, {.seed = 10});
  for (World* world : {&wheel, &heap, &other}) world->run_until(at(20s));
  CHECK(wheel.counters().events > 10'000);
  CHECK(wheel.digest() == heap.digest());
  CHECK(wheel.state_digest() == heap.state_digest());
  CHECK(wheel.digest() != other.digest());
}

TEST_CASE("a forked world continues to the same digest as the original") {
  World original = busy_world(40, {.seed = 3});
  original.run_until(at(5s));
  original.pause(4);
  original.run_until(at(6s));
  World fork = original;
  CHECK(fork.digest() == original.digest());
  CHECK(fork.state_digest() == original.state_digest());
  const auto go_on = [](World& world) {
    world.resume(4);
    world.crash(5, Disk::keep);
    world.run_until(at(12s));
    world.start(5);
    world.run_until(at(15s));
  };
  go_on(original);
  World strayed = fork;
  go_on(fork);
  CHECK(fork.digest() == original.digest());
  CHECK(fork.state_digest() == original.state_digest());
  strayed.run_until(at(15s));
  CHECK(strayed.digest() != original.digest());
}

TEST_CASE("a fork has the disks of the original, and its own from then on") {
  World original = chatter_world(1, 1ms);
  original.command(0, "store 7 before");
  World fork = original;
  original.command(0, "store 7 after");
  for (World* world : {&original, &fork}) {
    world->command(0, "load 7");
    world->run_until(at(1s));
  }
  CHECK(texts(chatter(original, 0).heard) == Texts{"after"});
  CHECK(texts(chatter(fork, 0).heard) == Texts{"before"});
}

TEST_CASE("stopping after some events and continuing changes nothing") {
  World whole = busy_world(10, {.seed = 5});
  World parts = busy_world(10, {.seed = 5});
  whole.run_until(at(10s));
  int stops = 0;
  while (!parts.run_until(at(10s), 100)) ++stops;
  CHECK(stops > 10);
  CHECK(parts.now() == whole.now());
  CHECK(parts.digest() == whole.digest());
}

TEST_CASE("an observer sees every step and changes nothing") {
  class Counter final : public Observer {
   public:
    void on_step(const Step& step) override {
      ++steps;
      in_order = in_order && step.time >= last;
      last = step.time;
    }
    void on_trace(Time, NodeIndex, std::uint16_t, const TraceValues&) override { ++traces; }
    std::uint64_t steps = 0;
    std::uint64_t traces = 0;
    Time last;
    bool in_order = true;
  } counter;
  World watched = busy_world(10, {.seed = 5});
  World alone = watched;
  watched.observe(&counter);
  const std::uint64_t before = watched.counters().events;
  watched.run_until(at(10s));
  alone.run_until(at(10s));
  CHECK(counter.steps == watched.counters().events - before);
  CHECK(counter.traces == watched.counters().delivered.datagrams);
  CHECK(counter.in_order);
  CHECK(watched.digest() == alone.digest());
}

}  // namespace peerbed::sim::testing
