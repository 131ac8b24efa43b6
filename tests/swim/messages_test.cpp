#include "protocols/swim/messages.h"

#include "protocols/kademlia/wire/messages.h"
#include "tests/catch.h"
#include "tests/environment/refused_messages.h"
#include "tests/ring/drawer.h"

using namespace peerbed;
using namespace peerbed::swim;

TEST_CASE("every message is decoded to what was encoded, and fits one datagram") {
  check_round_trips<ring::Drawer>(std::type_identity<Message>{}, decode);
}

TEST_CASE("the longest message fits one datagram, with IPv6 addresses that have no short form") {
  const Ipv6Host host{0x20, 0x01, 0x0D, 0xB8, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
  const Address address = Address::heard_ipv6(host, 9);
  PingRequest request{.number = 1, .target = address, .updates = {}};
  while (request.updates.add({address, 1, Standing::suspect, address})) continue;
  CHECK(encoded(request).size() <= maximum_datagram_size);
}

TEST_CASE("damaged messages and noise are refused") {
  Ping ping{.number = 7, .updates = {}};
  ping.updates.add({Address::ipv4(5, 1), 3, Standing::suspect, Address::ipv4(6, 1)});
  check_damage_is_refused(encoded(ping), decode);
  check_damage_is_refused(encoded(ListRequest{.number = 5, .after = Address::ipv4(5, 1), .digest = 9, .updates = {}}),
                          decode);
  check_noise_is_refused(decode);
}

TEST_CASE("a list that claims more than its limit is refused, though its check is right") {
  const auto begin = [](Writer& writer) {
    writer.header({wire_version, Ack::kind.number});
    writer.integer(std::uint32_t{1});
  };
  check_long_list_is_refused(maximum_updates, decode, begin, [](Writer& writer, std::size_t i) {
    writer.address(Address::ipv4(static_cast<std::uint32_t>(i + 1), 1));
    writer.integers(std::uint32_t{0}, std::uint8_t{0}, std::uint8_t{0});
  });
}

TEST_CASE("a standing that there is none of is refused, though the check is right") {
  for (const std::uint8_t standing : std::array<std::uint8_t, 3>{2, 3, 255}) {
    std::vector<std::byte> bytes(maximum_datagram_size);
    Writer writer(bytes);
    writer.header({wire_version, News::kind.number});
    writer.integer(std::uint8_t{1});
    writer.address(Address::ipv4(1, 1));
    writer.integers(std::uint32_t{0}, standing);
    writer.address(Address::ipv4(2, 1));
    writer.integer(codec::check_of(writer.written()));
    CHECK(decode(writer.written()).has_value() == (standing == 2));
  }
}

TEST_CASE("SWIM and Kademlia refuse one another's messages") {
  CHECK_FALSE(kademlia::decode(encoded(Ping{})).has_value());
  CHECK_FALSE(decode(encoded(kademlia::Ping{.id = 7, .self = {1, 2, 3}})).has_value());
}

TEST_CASE("an update of nobody, an accusation by nobody, and one that accuses nobody are none") {
  const Address member = Address::ipv4(1, 1);
  CHECK(Update{member, 0, Standing::alive, {}}.is_valid());
  CHECK(Update{member, 0, Standing::suspect, member}.is_valid());
  CHECK_FALSE(Update{{}, 0, Standing::alive, {}}.is_valid());
  CHECK_FALSE(Update{member, 0, Standing::suspect, {}}.is_valid());
  CHECK_FALSE(Update{member, 0, Standing::dead, {}}.is_valid());
  CHECK_FALSE(Update{member, 0, Standing::alive, member}.is_valid());
}
