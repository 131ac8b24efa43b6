#include "sim/engine/liars.h"

#include "tests/catch.h"

namespace peerbed::sim::testing {

TEST_CASE("a liar damages the share that was set, of datagrams and of content") {
  Liars liars(1);
  liars.set(1, 0.25);
  int datagrams = 0;
  int ranges = 0;
  int both = 0;
  for (std::uint32_t sequence = 0; sequence < 10'000; ++sequence) {
    const bool datagram = liars.damage_of_datagram(1, sequence) != 0;
    const bool range = liars.damage_of_content(1, sequence) != 0;
    datagrams += datagram ? 1 : 0;
    ranges += range ? 1 : 0;
    both += datagram && range ? 1 : 0;
  }
  CHECK(std::abs(datagrams - 2500) < 150);
  CHECK(std::abs(ranges - 2500) < 150);
  CHECK(std::abs(both - 625) < 100);  // the two are drawn apart
}

TEST_CASE("what a liar does depends on the seed, the host and the number alone") {
  Liars liars(7);
  liars.set(1, 1);
  liars.set(2, 1);
  Liars same(7);
  same.set(1, 1);
  CHECK(same.damage_of_datagram(1, 5) == liars.damage_of_datagram(1, 5));
  CHECK(liars.damage_of_datagram(2, 5) != liars.damage_of_datagram(1, 5));
  CHECK(liars.damage_of_datagram(1, 6) != liars.damage_of_datagram(1, 5));
  Liars other(8);
  other.set(1, 1);
  CHECK(other.damage_of_datagram(1, 5) != liars.damage_of_datagram(1, 5));
}

TEST_CASE("with certainty everything is damaged, and with none nothing") {
  Liars liars(7);
  for (std::uint32_t sequence = 0; sequence < 100; ++sequence) {
    liars.set(1, 1);
    CHECK(liars.damage_of_content(1, sequence) != 0);
    liars.set(1, 0);
    CHECK(liars.damage_of_content(1, sequence) == 0);
  }
}

}  // namespace peerbed::sim::testing
