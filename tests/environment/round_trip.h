#pragma once
// Messages with drawn members, encoded and decoded again.

#include <rapidcheck.h>

#include <tuple>
#include <type_traits>
#include <variant>
#include <vector>

#include "protocols/environment/message_codec.h"
#include "tests/catch.h"

namespace peerbed {

template <class Sent>
std::vector<std::byte> encoded(const Sent& message) {
  std::vector<std::byte> buffer(maximum_datagram_size);
  Writer writer(buffer);
  message.encode(writer);
  REQUIRE(writer.ok());
  buffer.resize(writer.size());
  return buffer;
}

template <class Drawer, class Sent, class Decode>
void check_round_trip(Decode decode) {
  INFO(Sent::kind.name);
  CHECK(rc::check([decode] {
    Drawer drawer;
    Sent message;
    std::apply([&](const auto... member) { (drawer.draw(message.*member), ...); }, Sent::members);
    const std::vector<std::byte> bytes = encoded(message);
    const auto decoded = decode(bytes);
    RC_ASSERT(decoded.has_value());
    RC_ASSERT(std::holds_alternative<Sent>(*decoded));
    RC_ASSERT(std::get<Sent>(*decoded) == message);
  }));
}

// A Drawer's draw() gives a member of a message any value that it may have.
template <class Drawer, class... Sent, class Decode>
void check_round_trips(std::type_identity<std::variant<Sent...>>, Decode decode) {
  (check_round_trip<Drawer, Sent>(decode), ...);
}

}  // namespace peerbed
