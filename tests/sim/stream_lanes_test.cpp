// Streams between hosts that several threads simulate: the same digests, state and counters as on one thread.

#include <string>
#include <vector>

#include "sim/engine/world.h"
#include "tests/catch.h"
#include "tests/sim/streamer.h"

namespace peerbed::sim::testing {
namespace {

using namespace std::chrono_literals;

struct Outcome {
  explicit Outcome(const World& world)
      : digest(world.digest()),
        state(world.state_digest()),
        counters(world.counters()),
        streams(world.stream_counters()) {
    world.for_each_under_way([this](const Event&, Bytes) { ++under_way; });
  }
  std::uint64_t digest;
  std::uint64_t state;
  WorldCounters counters;
  StreamCounters streams;
  std::size_t under_way = 0;
  friend bool operator==(const Outcome&, const Outcome&) = default;
};

}  // namespace

TEST_CASE("a stream between two threads opens, carries what was written, and closes") {
  const auto run = [](std::size_t threads) {
    World world = streamer_world(2, 10ms, {.threads = threads, .events_worth_waking = 0});
    world.command(0, "open 1 1");
    world.command(0, "write 1 good day");
    world.run_until(at(1s));
    world.command(1, "ask 2 8");
    world.command(1, "write 2 likewise");
    world.command(0, "ask 1 8");
    world.run_until(at(2s));
    world.command(0, "close 1");
    world.command(1, "close 2");
    world.run_until(at(30s));
    CHECK(told(world, 1) == std::vector<std::string>{"2 accepted", "2 good day", "2 closed"});
    return Outcome(world);
  };
  CHECK(run(2) == run(1));
}

}  // namespace peerbed::sim::testing
