#include "protocols/ring/wire/messages.h"

#include "tests/catch.h"
#include "tests/environment/refused_messages.h"
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

TEST_CASE("damaged messages and noise are refused") {
  const Address asker = Address::ipv4(0x0A000001, 4000);
  check_damage_is_refused(encoded(Find{.id = 7, .token = 9, .key = Key{123456789}, .asker = asker}), decode);
  check_damage_is_refused(encoded(Notify{Key{5}}), decode);
  check_noise_is_refused(decode);
}

TEST_CASE("a list that claims more than its limit is refused, though its check is right") {
  const auto begin = [](Writer& writer) {
    writer.header({wire_version, Found::kind.number});
    writer.integers(std::uint32_t{1}, std::uint16_t{0});
  };
  check_long_list_is_refused(maximum_successors, decode, begin, [](Writer& writer, std::size_t i) {
    writer.integer(std::uint64_t{i});
    writer.address(Address::ipv4(1, 1));
  });
}
