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

TEST_CASE("an address takes six bytes and its port comes last") {
  std::array<std::byte, 6> buffer{};
  Writer writer(buffer);
  writer.address(Address::ipv4(0x0A000001, 4000));
  REQUIRE(writer.ok());
  CHECK(octets(writer.written()) == std::vector<unsigned>{10, 0, 0, 1, 0x0F, 0xA0});
  CHECK(Reader(writer.written()).address() == Address::ipv4(0x0A000001, 4000));
  CHECK(to_string(Address::ipv4(0x0A000001, 4000)) == "10.0.0.1:4000");
}

TEST_CASE("a write that does not fit writes nothing and fails for good") {
  std::array<std::byte, 3> buffer{};
  Writer writer(buffer);
  writer.integer(std::uint16_t{0xFFFF});
  writer.integer(std::uint16_t{0xFFFF});
  CHECK_FALSE(writer.ok());
  CHECK(writer.size() == 2);
  CHECK(buffer[2] == std::byte{0});
  writer.integer(std::uint8_t{7});  // would fit, but the message is broken already
  CHECK_FALSE(writer.ok());
  CHECK(writer.size() == 2);
}

TEST_CASE("a writer refuses bytes that its length field cannot tell") {
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

TEST_CASE("a reader is complete when nothing is missing and nothing is left") {
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

TEST_CASE("a length that promises more than there is yields no bytes") {
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

TEST_CASE("the kind of a message is its second byte and zero when there is none") {
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
