#include "protocols/kademlia/lookups/silences.h"

#include "tests/catch.h"
#include "tests/kademlia/kademlia_world.h"

using namespace peerbed;
using namespace peerbed::kademlia;

namespace {

constexpr Contact contact(std::uint32_t number) { return {{number, 0, 0}, Address::ipv4(number, 1)}; }

}  // namespace

TEST_CASE("a silence is remembered for a while, and until the contact says something") {
  Silences silences;
  silences.note(contact(1), time_zero + 5s);
  CHECK(silences.has(contact(1), time_zero + 14s, 10s));
  CHECK_FALSE(silences.has(contact(1), time_zero + 15s, 10s));
  CHECK_FALSE(silences.has(contact(2), time_zero + 6s, 10s));
  silences.forget(contact(1));
  CHECK_FALSE(silences.has(contact(1), time_zero + 6s, 10s));
}

TEST_CASE("of more silences than are remembered, the oldest are forgotten") {
  Silences silences;
  for (std::uint32_t i = 0; i <= maximum_silences; ++i) silences.note(contact(i + 1), time_zero);
  CHECK_FALSE(silences.has(contact(1), time_zero, 1s));
  CHECK(silences.has(contact(2), time_zero, 1s));
}

TEST_CASE("lookups do not ask again, soon after, contacts that were silent") {
  const auto timeouts = [](Duration memory) {
    KademliaWorld world({.bucket_size = 8, .remember_silence = memory}, 100, 100);
    world.start(0, 100);
    world.run_for(1s);
    for (NodeIndex i = 1; i < 100; i += 2) world.world().crash(i, Disk::wipe);
    std::uint64_t sum = 0;
    for (int i = 0; i < 10; ++i) {
      world.command(0, "lookup same");
      world.run_for(5s);
      sum += world.of(TraceEvent::lookup_done).back().values[2];
    }
    return sum;
  };
  CHECK(2 * timeouts(10min) < timeouts(0s));
}
