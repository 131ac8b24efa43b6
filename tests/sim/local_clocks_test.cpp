#include "sim/engine/local_clocks.h"

#include "tests/catch.h"

namespace peerbed::sim::testing {
namespace {

using namespace std::chrono_literals;

constexpr Time at(Duration time) { return time_zero + time; }

}  // namespace

TEST_CASE("a clock shows the true time, its offset, and what it gained since it was set") {
  LocalClocks clocks;
  clocks.set(3, at(10s), 500ms, 100'000'000);  // ten per cent fast
  CHECK(clocks.shown(3, at(10s)) == at(10'500ms));
  CHECK(clocks.shown(3, at(20s)) == at(21'500ms));
  clocks.set(3, at(20s), -1s, 0);
  CHECK(clocks.shown(3, at(25s)) == at(24s));
}

TEST_CASE("a delay by a fast clock is shorter in truth, by a slow one longer, and rounded up") {
  LocalClocks clocks;
  clocks.set(1, at(0s), 0s, 250'000'000);
  clocks.set(2, at(0s), 0s, -500'000'000);
  CHECK(clocks.true_delay(1, 5s) == 4s);
  CHECK(clocks.true_delay(2, 5s) == 10s);
  CHECK(clocks.true_delay(1, 1ns) == 1ns);
  // By its own clock, the node never wakes too early.
  for (const NodeIndex node : {1U, 2U})
    for (const Duration delay : {1ns, 7ns, 999ns, 123'456'789ns})
      CHECK(clocks.shown(node, at(clocks.true_delay(node, delay))) >= at(delay));
}

TEST_CASE("each host has a clock of its own") {
  LocalClocks clocks;
  clocks.set(1, at(0s), 1s, 0);
  clocks.set(2, at(0s), 2s, 0);
  CHECK(clocks.shown(1, at(5s)) == at(6s));
  CHECK(clocks.shown(2, at(5s)) == at(7s));
}

}  // namespace peerbed::sim::testing
