#pragma once
// Any members of a ring's messages.

#include <rapidcheck.h>

#include <list>
#include <tuple>
#include <type_traits>
#include <vector>

#include "protocols/environment/message_codec.h"
#include "protocols/ring/base/contact.h"
#include "tests/environment/drawn_address.h"
#include "tests/environment/round_trip.h"

namespace peerbed::ring {

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
      const auto size = *rc::gen::inRange<std::size_t>(0, most_bytes + 1);
      bytes_.push_back(std::vector<std::byte>(size, static_cast<std::byte>(*rc::gen::arbitrary<std::uint8_t>())));
      value.bytes = bytes_.back();
    } else if constexpr (codec::is_list<Value>) {
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
  static constexpr std::size_t most_bytes = 1024;  // of a value, a text or a chunk

  std::list<std::vector<std::byte>> bytes_;
};

}  // namespace peerbed::ring
