#pragma once
// What the decoder of every protocol must refuse: messages that are damaged, cut short or too long, lists that claim
// too much, and noise.

#include <rapidcheck.h>

#include <vector>

#include "protocols/environment/message_codec.h"
#include "tests/catch.h"

namespace peerbed {

// `whole` is one message.
template <class Decode>
void check_damage_is_refused(std::vector<std::byte> whole, Decode decode) {
  REQUIRE(decode(whole).has_value());
  for (std::size_t bit = 0; bit < 8 * whole.size(); ++bit) {
    std::vector<std::byte> damaged = whole;
    damaged[bit / 8] ^= static_cast<std::byte>(1u << (bit % 8));
    CHECK_FALSE(decode(damaged).has_value());
  }
  for (std::size_t size = 0; size < whole.size(); ++size) CHECK_FALSE(decode(Bytes(whole).first(size)).has_value());
  whole.push_back(std::byte{0});
  CHECK_FALSE(decode(whole).has_value());
}

// A message that ends with a list, whose check is right: with as many elements as it may have, it is decoded. `begin`
// writes what precedes the list, and `element` one of its elements.
template <class Decode, class Begin, class Element>
void check_long_list_is_refused(std::size_t limit, Decode decode, Begin begin, Element element) {
  for (const std::size_t count : {limit, limit + 1}) {
    std::vector<std::byte> bytes(2 * maximum_datagram_size);
    Writer writer(bytes);
    begin(writer);
    writer.integer(static_cast<std::uint8_t>(count));
    for (std::size_t i = 0; i < count; ++i) element(writer, i);
    writer.integer(codec::check_of(writer.written()));
    CHECK(decode(writer.written()).has_value() == (count == limit));
  }
}

template <class Decode>
void check_noise_is_refused(Decode decode) {
  CHECK(rc::check([decode](const std::vector<std::uint8_t>& noise) {
    RC_ASSERT_FALSE(decode(std::as_bytes(std::span(noise))).has_value());
  }));
}

}  // namespace peerbed
