#include "protocols/swim/relays.h"

#include "tests/catch.h"

using namespace peerbed;
using namespace peerbed::swim;
using namespace std::chrono_literals;

namespace {

constexpr Address asker = Address::ipv4(1, 1);
constexpr Address target = Address::ipv4(2, 1);

Relay relay(std::uint32_t number) {
  return {.asker = asker, .target = target, .asked = 5, .number = number, .due = time_zero + 1s};
}

}  // namespace

TEST_CASE("an answer settles a relay if it has the number of the ping and comes from its target") {
  Relays relays;
  relays.add(relay(7));
  CHECK_FALSE(relays.take_answered(5, target).has_value());
  CHECK_FALSE(relays.take_answered(7, asker).has_value());
  REQUIRE(relays.take_answered(7, target).has_value());
  CHECK_FALSE(relays.take_answered(7, target).has_value());
}

TEST_CASE("a relay is due once for the asker, still takes an answer, and is then forgotten") {
  Relays relays;
  relays.add(relay(7));
  CHECK_FALSE(relays.take_due(time_zero, 1s).has_value());
  REQUIRE(relays.take_due(time_zero + 1s, 1s).has_value());
  CHECK_FALSE(relays.take_due(time_zero + 1s, 1s).has_value());
  CHECK(relays.earliest_due() == time_zero + 2s);
  SECTION("answered late") { CHECK(relays.take_answered(7, target).has_value()); }
  SECTION("never answered") {
    const auto due = relays.take_due(time_zero + 2s, 1s);
    REQUIRE(due.has_value());
    CHECK(due->is_told);
    CHECK_FALSE(relays.take_answered(7, target).has_value());
  }
  CHECK(relays.earliest_due() == never);
}

TEST_CASE("there are no more relays than there is room for") {
  Relays relays;
  for (std::uint32_t i = 0; i < maximum_relays; ++i) CHECK(relays.add(relay(i)));
  CHECK_FALSE(relays.add(relay(maximum_relays)));
}
