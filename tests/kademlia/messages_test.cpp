#include "protocols/kademlia/wire/messages.h"

#include "protocols/ring/wire/messages.h"
#include "tests/catch.h"
#include "tests/environment/refused_messages.h"
#include "tests/ring/drawer.h"

using namespace peerbed;
using namespace peerbed::kademlia;

TEST_CASE("every message is decoded to what was encoded, and fits one datagram") {
  check_round_trips<ring::Drawer>(std::type_identity<Message>{}, decode);
}

TEST_CASE("the longest messages fit one datagram, with IPv6 addresses that have no short form") {
  Nodes nodes;
  const Ipv6Host host{0x20, 0x01, 0x0D, 0xB8, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
  while (nodes.contacts.add({{1, 2, 3}, Address::heard_ipv6(host, 9)})) continue;
  CHECK(nodes.contacts.size() == maximum_bucket_size);
  CHECK(encoded(nodes).size() <= maximum_datagram_size);
  const std::vector<std::byte> bytes(maximum_value_size);
  CHECK(encoded(StoreValue{.copy = {.bytes = {bytes}}}).size() <= maximum_datagram_size);
}

TEST_CASE("damaged messages and noise are refused") {
  check_damage_is_refused(encoded(FindNode{.id = 7, .self = {1, 2, 3}, .target = {4, 5, 6}}), decode);
  check_damage_is_refused(encoded(Pong{.id = 5, .self = {1, 2, 3}, .token = 9}), decode);
  check_noise_is_refused(decode);
}

TEST_CASE("a list that claims more than its limit is refused, though its check is right") {
  const auto begin = [](Writer& writer) {
    writer.header({wire_version, Nodes::kind.number});
    writer.integers(std::uint32_t{1}, std::uint64_t{1}, std::uint64_t{1}, std::uint32_t{1}, std::uint64_t{1});
  };
  check_long_list_is_refused(maximum_bucket_size, decode, begin, [](Writer& writer, std::size_t i) {
    writer.integers(std::uint64_t{i}, std::uint64_t{0}, std::uint32_t{0});
    writer.address(Address::ipv4(1, 1));
  });
}

TEST_CASE("a ring and Kademlia refuse one another's messages") {
  CHECK_FALSE(ring::decode(encoded(Ping{.id = 7, .self = {1, 2, 3}})).has_value());
  CHECK_FALSE(decode(encoded(ring::Ping{.id = 7})).has_value());
}

TEST_CASE("a copy without a stamp, without a lifetime, or with too many bytes is none") {
  const std::vector<std::byte> bytes(maximum_value_size + 1);
  const Copy good{.stamp = {1, 2}, .lifetime = 1, .bytes = {}};
  CHECK(good.is_valid());
  CHECK_FALSE(Copy{.stamp = {0, 2}, .lifetime = 1, .bytes = {}}.is_valid());
  CHECK_FALSE(Copy{.stamp = {1, 2}, .lifetime = 0, .bytes = {}}.is_valid());
  CHECK_FALSE(Copy{.stamp = {1, 2}, .lifetime = UINT64_MAX, .bytes = {}}.is_valid());
  CHECK_FALSE(Copy{.stamp = {1, 2}, .lifetime = 1, .bytes = {bytes}}.is_valid());
}
