#include "protocols/ring/wire/messages.h"

#include <rapidcheck.h>

#include "tests/catch.h"
#include "tests/ring/drawer.h"

using namespace peerbed;
using namespace peerbed::ring;

TEST_CASE("every message is decoded to what was encoded, and fits one datagram") {
  check_round_trips<Drawer>(std::type_identity<Message>{}, decode);
}

TEST_CASE("every kind of message has a name and a place in the variant") {
  // Those in between are of the coursework.
  const auto is_of_ring = [](std::size_t kind) {
    return kind <= Compared::kind.number || kind >= CallBackQuery::kind.number;
  };
  for (std::size_t kind = 1; kind < Messages::names.size(); ++kind)
    CHECK(Messages::names[kind].empty() != is_of_ring(kind));
  const std::size_t of_others = CallBackQuery::kind.number - Compared::kind.number - 1;
  CHECK(std::variant_size_v<Message> == Messages::last_kind - of_others);
}

TEST_CASE("a message with any one bit flipped is refused") {
  Find find{.id = 7, .token = 9, .key = Key{123456789}, .asker = Address::ipv4(0x0A000001, 4000)};
  const std::vector<std::byte> whole = encoded(find);
  for (std::size_t bit = 0; bit < 8 * whole.size(); ++bit) {
    std::vector<std::byte> damaged = whole;
    damaged[bit / 8] ^= static_cast<std::byte>(1u << (bit % 8));
    CHECK_FALSE(decode(damaged).has_value());
  }
}

TEST_CASE("a message that is cut short or too long is refused") {
  std::vector<std::byte> bytes = encoded(Notify{Key{5}});
  for (std::size_t size = 0; size < bytes.size(); ++size) CHECK_FALSE(decode(Bytes(bytes).first(size)).has_value());
  bytes.push_back(std::byte{0});
  CHECK_FALSE(decode(bytes).has_value());
}

TEST_CASE("a list that claims more than its limit is refused, though its check is right") {
  std::vector<std::byte> bytes(maximum_datagram_size);
  Writer writer(bytes);
  writer.header({wire_version, Found::kind.number});
  writer.integer(std::uint32_t{1});
  writer.integer(std::uint16_t{0});
  writer.integer(std::uint8_t{maximum_successors + 1});
  for (std::size_t i = 0; i <= maximum_successors; ++i) {
    writer.integer(std::uint64_t{i});
    writer.address(Address::ipv4(1, 1));
  }
  writer.integer(codec::check_of(writer.written()));
  CHECK_FALSE(decode(writer.written()).has_value());
}

TEST_CASE("arbitrary bytes are never taken for a message") {
  CHECK(rc::check([](const std::vector<std::uint8_t>& noise) {
    RC_ASSERT_FALSE(decode(std::as_bytes(std::span(noise))).has_value());
  }));
}
