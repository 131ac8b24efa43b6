#include "protocols/ring/messages.h"

#include <rapidcheck.h>

#include <list>

#include "tests/catch.h"
#include "tests/environment/drawn_address.h"

using namespace peerbed;
using namespace peerbed::ring;

namespace {

// Draws each member of a message; byte views look into storage that lives as long as the property.
class Drawer {
 public:
  template <class Value>
  void draw(Value& value) {
    if constexpr (std::is_same_v<Value, bool>) {
      value = *rc::gen::arbitrary<bool>();
    } else if constexpr (std::is_enum_v<Value>) {
      using Number = std::underlying_type_t<Value>;
      value = static_cast<Value>(*rc::gen::inRange<int>(0, static_cast<Number>(Value::last) + 1));
    } else if constexpr (std::is_integral_v<Value>) {
      value = *rc::gen::arbitrary<Value>();
    } else if constexpr (std::is_same_v<Value, Key>) {
      value.value = *rc::gen::arbitrary<std::uint64_t>();
    } else if constexpr (std::is_same_v<Value, Address>) {
      value = drawn_address();
    } else if constexpr (std::is_same_v<Value, Contact>) {
      draw(value.key);
      draw(value.address);
    } else if constexpr (std::is_same_v<Value, ByteView>) {
      const auto size = *rc::gen::inRange<std::size_t>(0, maximum_value_size + 1);
      bytes_.push_back(std::vector<std::byte>(size, static_cast<std::byte>(*rc::gen::arbitrary<std::uint8_t>())));
      value.bytes = bytes_.back();
    } else if constexpr (wire::is_list<Value>) {
      const auto count = *rc::gen::inRange<std::size_t>(0, Value::limit + 1);
      for (std::size_t i = 0; i < count; ++i) {
        auto element = typename std::decay_t<decltype(value.all()[0])>{};
        draw(element);
        value.add(element);
      }
    } else {
      std::apply([&](const auto... member) { (draw(value.*member), ...); }, Value::members);
    }
  }

 private:
  std::list<std::vector<std::byte>> bytes_;
};

template <class Sent>
std::vector<std::byte> encoded(const Sent& message) {
  std::vector<std::byte> buffer(maximum_datagram_size);
  Writer writer(buffer);
  message.encode(writer);
  REQUIRE(writer.ok());
  buffer.resize(writer.size());
  return buffer;
}

template <class Sent>
void check_round_trip() {
  INFO(Sent::kind.name);
  CHECK(rc::check([] {
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

template <class... Sent>
void check_round_trips(std::type_identity<std::variant<Sent...>>) {
  (check_round_trip<Sent>(), ...);
}

}  // namespace

TEST_CASE("every message is decoded to what was encoded, and fits one datagram") {
  check_round_trips(std::type_identity<Message>{});
}

TEST_CASE("every kind of message has a name and a place in the variant") {
  CHECK(std::variant_size_v<Message> == Messages::last_kind);
  for (std::size_t i = 1; i < Messages::names.size(); ++i) CHECK_FALSE(Messages::names[i].empty());
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
  writer.integer(wire::check_of(writer.written()));
  CHECK_FALSE(decode(writer.written()).has_value());
}

TEST_CASE("arbitrary bytes are never taken for a message") {
  CHECK(rc::check([](const std::vector<std::uint8_t>& noise) {
    RC_ASSERT_FALSE(decode(std::as_bytes(std::span(noise))).has_value());
  }));
}
