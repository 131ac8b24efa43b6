#include "protocols/environment/codec.h"

#include <array>
#include <vector>

#include "protocols/environment/address.h"
#include "tests/catch.h"

namespace peerbed {
namespace {

std::vector<unsigned> octets(Bytes bytes) {
  std::vector<unsigned> values;
  for (const std::byte byte : bytes) values.push_back(std::to_integer<unsigned>(byte));
  return values;
}

TEST_CASE("integers travel in network byte order") {
  std::array<std::byte, 16> buffer{};
  Writer writer(buffer);
  writer.integer(std::uint8_t{0x01});
  writer.integer(std::uint16_t{0x0203});
  writer.integer(std::uint32_t{0x04050607});
  writer.integer(std::uint64_t{0x08090A0B0C0D0E0F});
  REQUIRE(writer.ok());
  CHECK(octets(writer.written()) == std::vector<unsigned>{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15});
}

TEST_CASE("an address begins with its family and ends with its port") {
  const std::pair<const char*, std::vector<unsigned>> cases[] = {
      {"10.0.0.1:4000", {4, 10, 0, 0, 1, 0x0F, 0xA0}},
      {"[fd00::a00:1]:4000", {6, 0xFD, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 10, 0, 0, 1, 0x0F, 0xA0}},
      {"[2001:db8::7]:1", {6, 0x20, 1, 0x0D, 0xB8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7, 0, 1}}};
  for (const auto& [text, expected] : cases) {
    const Address address = Address::parse(text).value();
    std::array<std::byte, 32> buffer{};
    Writer writer(buffer);
    writer.address(address);
    REQUIRE(writer.ok());
    CHECK(octets(writer.written()) == expected);
    CHECK(encoded_size(address) == expected.size());
    Reader reader(writer.written());
    CHECK(reader.address() == address);
    CHECK(reader.complete());
    for (std::size_t size = 0; size < expected.size(); ++size) {
      Reader cut(writer.written().first(size));
      cut.address();
      CHECK_FALSE(cut.ok());
      Writer narrow(std::span<std::byte>(buffer).first(size));
      narrow.address(address);
      CHECK_FALSE(narrow.ok());
      CHECK(narrow.size() == 0);
    }
  }
  std::array<std::byte, 1> nowhere{};
  Writer writer(nowhere);
  writer.address({});
  CHECK(octets(writer.written()) == std::vector<unsigned>{0});
  CHECK_FALSE(Reader(nowhere).address());
}

TEST_CASE("an address with a non-canonical encoding is refused") {
  const auto is_refused = [](std::vector<unsigned> octets) {
    octets.resize(20);
    std::vector<std::byte> bytes;
    for (const unsigned octet : octets) bytes.push_back(static_cast<std::byte>(octet));
    Reader reader(bytes);
    reader.address();
    return !reader.ok();
  };
  CHECK(is_refused({4, 0, 0, 0, 0, 0, 0}));
  CHECK(is_refused({4, 0, 0, 0, 0, 0, 1}));
  CHECK(is_refused({4, 10, 0, 0, 1, 0, 0}));
  CHECK(is_refused({4, 224, 0, 0, 1, 0, 1}));
  CHECK(is_refused({6, 0xFE, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1}));
  CHECK(is_refused({6, 0xFF, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1}));
  CHECK(is_refused({6}));
  CHECK(is_refused({6, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 10, 0, 0, 1, 0, 1}));
  for (unsigned family = 1; family < 256; ++family) {
    const bool is_known = family == 4 || family == 6;
    CHECK(is_refused({family, 10, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}) == !is_known);
  }
}

TEST_CASE("a write that does not fit writes nothing and fails for good") {
  std::array<std::byte, 3> buffer{};
  Writer writer(buffer);
  writer.integer(std::uint16_t{0xFFFF});
  writer.integer(std::uint16_t{0xFFFF});
  CHECK_FALSE(writer.ok());
  CHECK(writer.size() == 2);
  CHECK(buffer[2] == std::byte{0});
  writer.integer(std::uint8_t{7});  // would fit, but the message has failed already
  CHECK_FALSE(writer.ok());
  CHECK(writer.size() == 2);
}

TEST_CASE("a writer refuses bytes whose length does not fit in the length field") {
  std::vector<std::byte> buffer(70'000);
  const std::vector<std::byte> content(65'536);
  Writer writer(buffer);
  writer.sized_bytes(content);
  CHECK_FALSE(writer.ok());
  CHECK(writer.size() == 0);
}

TEST_CASE("a read past the end yields zero and fails for good") {
  const std::array<std::byte, 3> input{std::byte{1}, std::byte{2}, std::byte{3}};
  Reader reader(input);
  CHECK(reader.integer<std::uint32_t>() == 0);
  CHECK_FALSE(reader.ok());
  CHECK(reader.integer<std::uint8_t>() == 0);
  CHECK_FALSE(reader.ok());
  CHECK_FALSE(reader.complete());
  CHECK(reader.remaining() == 0);
}

TEST_CASE("a reader is complete if nothing is missing and nothing is left") {
  const std::array<std::byte, 4> input{std::byte{1}, std::byte{2}, std::byte{3}, std::byte{4}};
  Reader reader(input);
  CHECK(reader.integer<std::uint16_t>() == 0x0102);
  CHECK(reader.ok());
  CHECK_FALSE(reader.complete());
  CHECK(reader.integer<std::uint16_t>() == 0x0304);
  CHECK(reader.complete());
  reader.fail();
  CHECK_FALSE(reader.complete());
}

TEST_CASE("a length beyond the available bytes yields no bytes") {
  const std::array<std::byte, 4> input{std::byte{0}, std::byte{3}, std::byte{1}, std::byte{2}};
  Reader reader(input);
  CHECK(reader.sized_bytes().empty());
  CHECK_FALSE(reader.ok());
}

TEST_CASE("an empty run of bytes round trips") {
  std::array<std::byte, 2> buffer{};
  Writer writer(buffer);
  writer.sized_bytes({});
  REQUIRE(writer.ok());
  Reader reader(writer.written());
  CHECK(reader.sized_bytes().empty());
  CHECK(reader.complete());
}

TEST_CASE("the kind of a message is its second byte, and zero if there is none") {
  const std::array<std::byte, 2> message{std::byte{1}, std::byte{9}};
  CHECK(message_kind(message) == 9);
  CHECK(message_kind(Bytes(message).first(1)) == 0);
  CHECK(message_kind({}) == 0);
  const Header header = Reader(message).header();
  CHECK(header.version == 1);
  CHECK(header.kind == 9);
}

}  // namespace
}  // namespace peerbed
