#pragma once
// What a protocol's decoder must do with any bytes: refuse them, or take them for a message whose encoding is exactly
// these bytes.

#include <algorithm>
#include <array>
#include <variant>
#include <vector>

#include "protocols/environment/message_codec.h"
#include "tests/fuzz/fuzz_target.h"

namespace peerbed {

template <class Decode>
void expect_message_round_trip(Bytes payload, Decode decode) {
  const auto message = decode(payload);
  if (!message) return;
  std::array<std::byte, maximum_datagram_size> buffer{};
  Writer writer(buffer);
  std::visit([&writer](const auto& alternative) { alternative.encode(writer); }, *message);
  FUZZ_EXPECT(writer.ok());
  FUZZ_EXPECT(std::ranges::equal(writer.written(), payload));
  FUZZ_EXPECT(decode(writer.written()) == message);
}

// Once as they are, and once with a correct version and checksum, which a fuzzer would hardly guess.
template <class Decode>
void expect_message_round_trips(Bytes input, std::uint8_t wire_version, Decode decode) {
  if (input.size() > maximum_datagram_size - codec::check_size) return;
  expect_message_round_trip(input, decode);
  std::vector<std::byte> sealed(input.begin(), input.end());
  if (sealed.empty()) return;
  sealed[0] = static_cast<std::byte>(wire_version);
  sealed.resize(input.size() + codec::check_size);
  Writer check(std::span<std::byte>(sealed).subspan(input.size()));
  check.integer(codec::check_of(Bytes(sealed).first(input.size())));
  expect_message_round_trip(sealed, decode);
}

}  // namespace peerbed
