// A warm world handles messages without allocating: every call of operator new in this program is counted.

#include <cstdlib>
#include <new>

#include "sim/engine/world.h"
#include "tests/catch.h"
#include "tests/sim/chatter.h"
#include "tests/sim/streamer.h"

namespace {

std::size_t allocations = 0;

void* counted(std::size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size == 0 ? 1 : size)) return memory;
  throw std::bad_alloc();
}

}  // namespace

void* operator new(std::size_t size) { return counted(size); }
void* operator new[](std::size_t size) { return counted(size); }
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  ++allocations;
  return std::malloc(size == 0 ? 1 : size);
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }

namespace peerbed::sim::testing {

TEST_CASE("a warm world allocates nothing per message") {
  using namespace std::chrono_literals;
  World world = chatter_world(100, 5ms);
  world.network().set_default({.latency = LatencyModel::exponential(1ms, 20ms), .loss = LossModel::independent(0.02)});
  for (NodeIndex node = 0; node < 100; ++node) world.command(node, "chat 100 10");
  world.run_until(at(30s));
  const std::uint64_t delivered = world.counters().delivered.datagrams;
  const std::size_t before = allocations;
  world.run_until(at(60s));
  const std::size_t made = allocations - before;
  CHECK(world.counters().delivered.datagrams - delivered > 400'000);
  CHECK(made == 0);
}

TEST_CASE("a warm world allocates nothing per segment of a stream") {
  using namespace std::chrono_literals;
  WorldOptions options;
  options.streams.segment_size = 1460;
  World world = streamer_world(9, 5ms, options);
  // Losses come only from the full queue, so that the windows keep going through the same sizes.
  world.network().set_uplink(0, {{100'000'000}, 200'000});
  give_file(world, 0, std::uint64_t{1} << 40);  // what arrives of it stays one extent
  for (NodeIndex node = 1; node < 9; ++node) world.command(node, "fetch 1 0 1048576 1000000");
  world.run_until(at(600s));
  const std::uint64_t segments = world.stream_counters().segments;
  const std::size_t before = allocations;
  world.run_until(at(660s));
  const std::size_t made = allocations - before;
  CHECK(world.stream_counters().segments - segments > 400'000);
  CHECK(made == 0);
}

}  // namespace peerbed::sim::testing
