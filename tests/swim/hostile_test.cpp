// Peers are never trusted: what forged, damaged and hostile datagrams may do to a member.

#include "tests/catch.h"
#include "tests/swim/alone.h"

using namespace peerbed;
using namespace peerbed::swim;

TEST_CASE("an answer counts only with the number of the probe, from whom was asked") {
  Alone alone;
  alone.fire(swim::Node::period_timer);
  REQUIRE(alone.sent<Ping>().size() == 1);
  const std::uint32_t number = alone.sent<Ping>()[0].second.number;
  alone.hear(other, Ack{number + 1, {}});
  alone.hear(stranger(1), Ack{number, {}});
  alone.fire(swim::Node::period_timer, 1s);
  CHECK(alone.traced(TraceEvent::member_suspected) == 1);
}

TEST_CASE("a proxy pings nobody whom it does not know") {
  Alone alone;
  alone.hear(other, PingRequest{5, stranger(1), {}});
  CHECK(alone.sent<Ping>().empty());
  REQUIRE(alone.sent<Nack>().size() == 1);
  CHECK(alone.sent<Nack>()[0].second.number == 5);
}

TEST_CASE("a proxy passes an answer on, or says that there is none") {
  Alone alone;
  alone.hear(stranger(1), PingRequest{5, other, {}});
  REQUIRE(alone.sent<Ping>().size() == 1);
  const std::uint32_t number = alone.sent<Ping>()[0].second.number;
  SECTION("an answer") {
    alone.hear(other, Ack{number, {}});
    REQUIRE(alone.sent<Ack>().size() == 1);
    CHECK(alone.sent<Ack>()[0].first == stranger(1));
    CHECK(alone.sent<Ack>()[0].second.number == 5);
  }
  SECTION("none") {
    alone.fire(swim::Node::relay_timer, 400ms);
    REQUIRE(alone.sent<Nack>().size() == 1);
    CHECK(alone.sent<Nack>()[0].first == stranger(1));
  }
}

TEST_CASE("a member that is accused objects, whatever incarnation the accuser names") {
  Alone alone;
  for (const std::uint32_t incarnation : {0U, 7U, UINT32_MAX - 1, UINT32_MAX, UINT32_MAX}) {
    alone.say({self, incarnation, Standing::dead, other});
    CHECK(alone.traced(TraceEvent::suspicion_refuted) == 1);
    REQUIRE(alone.node().lists(self));
    CHECK(alone.node().members().find(self)->incarnation >= incarnation);
  }
  alone.say({self, 5, Standing::suspect, other});
  CHECK(alone.traced(TraceEvent::suspicion_refuted) == 0);
}

TEST_CASE("invented members fill the list, and no more than that") {
  Alone alone({.maximum_members = 10});
  for (std::uint32_t i = 0; i < 1000; ++i) {
    alone.say({stranger(i), i, Standing::alive, {}});
    CHECK(alone.node().members().all().size() <= 10);
  }
  CHECK(alone.traced(TraceEvent::member_refused) == 1);
  CHECK(alone.node().lists(other));
}

TEST_CASE("a page that was not asked for has nobody pinged") {
  Alone alone;
  alone.say({other, 0, Standing::dead, stranger(1)});
  ListPage page;
  page.updates.add({other, 0, Standing::alive, {}});
  alone.hear(stranger(2), page);
  CHECK(alone.sent<Ping>().empty());
}

TEST_CASE("whoever is dead here and writes is told so") {
  Alone alone;
  alone.say({other, 0, Standing::dead, stranger(1)});
  alone.hear(other, Ping{3, {}});
  REQUIRE(alone.sent<Ack>().size() == 1);
  const Updates updates = alone.sent<Ack>()[0].second.updates;
  REQUIRE_FALSE(updates.empty());
  CHECK(updates[0] == Update{other, 0, Standing::dead, self});
}

TEST_CASE("datagrams that are no message are refused and counted") {
  Alone alone;
  std::vector<std::byte> damaged = encoded(Ping{});
  damaged[3] ^= std::byte{1};
  alone.hear_bytes(other, damaged);
  CHECK(alone.traced(TraceEvent::datagram_refused) == 1);
  CHECK(alone.sent<Ack>().empty());
}
