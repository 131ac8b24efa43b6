// Worlds with streams as values: copies of them, their digests, and either event queue.

#include "sim/engine/world.h"
#include "tests/catch.h"
#include "tests/sim/streamer.h"

namespace peerbed::sim::testing {
namespace {

using namespace std::chrono_literals;

// Two sources and four fetchers over slow, lossy and jittery links, with crashes in between.
World busy_world(EventQueueKind queue, std::uint32_t segment_size) {
  WorldOptions options{.seed = 5, .queue = queue};
  options.streams.segment_size = segment_size;
  World world = streamer_world(6, 5ms, options);
  world.network().set_default({.latency = LatencyModel::exponential(5ms, 3ms),
                               .loss = LossModel::independent(0.01),
                               .duplicate = 0.001,
                               .reorder = 0.001,
                               .reorder_delay = 20ms,
                               .corrupt = 0.001});
  for (NodeIndex node = 0; node < 6; ++node) {
    world.network().set_uplink(node, {{20'000'000}, 60'000});
    world.network().set_downlink(node, {{30'000'000}, 60'000});
  }
  give_file(world, 0, 10'000'000, 7);
  give_file(world, 1, 10'000'000, 8);
  for (NodeIndex node = 2; node < 6; ++node) {
    world.command(node, "fetch 1 0 65536 200");
    world.command(node, "fetch 3 1 16384 800");
  }
  return world;
}

void disturb(World& world) {
  world.run_until(world.now() + 3s);
  world.crash(1, Disk::keep);
  world.run_until(world.now() + 3s);
  world.start(1);
  world.pause(2);
  world.run_until(world.now() + 3s);
  world.resume(2);
  world.run_until(world.now() + 30s);
}

}  // namespace

TEST_CASE("a copy of a world with streams continues as the original does") {
  World original = busy_world(EventQueueKind::wheel, 16'384);
  original.run_until(at(2s));
  World copy = original;
  CHECK(copy.state_digest() == original.state_digest());
  disturb(original);
  disturb(copy);
  CHECK(original.stream_counters().payload_bytes > 40'000'000);
  CHECK(copy.digest() == original.digest());
  CHECK(copy.state_digest() == original.state_digest());
}

TEST_CASE("streams are the same on either event queue") {
  const std::uint32_t size = GENERATE(1460U, 65'536U);
  World wheel = busy_world(EventQueueKind::wheel, size);
  World heap = busy_world(EventQueueKind::heap, size);
  disturb(wheel);
  disturb(heap);
  CHECK(wheel.digest() == heap.digest());
  CHECK(wheel.state_digest() == heap.state_digest());
}

TEST_CASE("whatever happens on the way, what arrives is what was sent") {
  World world = busy_world(EventQueueKind::wheel, GENERATE(1460U, 10'000U, 65'536U));
  world.run_until(at(300s));
  for (NodeIndex node = 2; node < 6; ++node) {
    CHECK(streamer(world, node).fetches.at(1).done == 200);
    CHECK(streamer(world, node).fetches.at(3).done == 800);
  }
}

}  // namespace peerbed::sim::testing
