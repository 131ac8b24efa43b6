// Properties of the codec that hold for all inputs: what is written is read back, and no input leads out of bounds.

#include <rapidcheck.h>

#include <array>
#include <variant>
#include <vector>

#include "protocols/environment/codec.h"
#include "tests/catch.h"

namespace peerbed {
namespace {

using Octets = std::vector<std::uint8_t>;
using Field = std::variant<std::uint8_t, std::uint16_t, std::uint32_t, std::uint64_t, Octets>;

Bytes bytes_of(const Octets& octets) { return std::as_bytes(std::span(octets)); }

void write(Writer& writer, const Field& field) {
  if (const auto* octets = std::get_if<Octets>(&field)) return writer.sized_bytes(bytes_of(*octets));
  std::visit(
      [&writer](const auto& value) {
        if constexpr (!std::is_same_v<std::decay_t<decltype(value)>, Octets>) writer.integer(value);
      },
      field);
}

// Reads a field of the same kind as `model`.
Field read(Reader& reader, const Field& model) {
  return std::visit(
      [&reader](const auto& value) -> Field {
        using Value = std::decay_t<decltype(value)>;
        if constexpr (std::is_same_v<Value, Octets>) {
          Octets octets;
          for (const std::byte byte : reader.sized_bytes()) octets.push_back(std::to_integer<std::uint8_t>(byte));
          return octets;
        } else {
          return reader.integer<Value>();
        }
      },
      model);
}

std::size_t size_of(const Field& field) {
  return std::visit(
      [](const auto& value) -> std::size_t {
        if constexpr (std::is_same_v<std::decay_t<decltype(value)>, Octets>)
          return 2 + value.size();
        else
          return sizeof(value);
      },
      field);
}

rc::Gen<Field> any_field() {
  return rc::gen::oneOf(rc::gen::map(rc::gen::arbitrary<std::uint8_t>(), [](std::uint8_t v) { return Field(v); }),
                        rc::gen::map(rc::gen::arbitrary<std::uint16_t>(), [](std::uint16_t v) { return Field(v); }),
                        rc::gen::map(rc::gen::arbitrary<std::uint32_t>(), [](std::uint32_t v) { return Field(v); }),
                        rc::gen::map(rc::gen::arbitrary<std::uint64_t>(), [](std::uint64_t v) { return Field(v); }),
                        rc::gen::map(rc::gen::arbitrary<Octets>(), [](Octets v) { return Field(std::move(v)); }));
}

TEST_CASE("what is written is read back in full") {
  CHECK(rc::check([] {
    const auto fields = *rc::gen::container<std::vector<Field>>(any_field());
    std::size_t size = 0;
    for (const Field& field : fields) size += size_of(field);

    std::vector<std::byte> buffer(size);
    Writer writer(buffer);
    for (const Field& field : fields) write(writer, field);
    RC_ASSERT(writer.ok());
    RC_ASSERT(writer.size() == size);

    Reader reader(writer.written());
    for (const Field& field : fields) RC_ASSERT(read(reader, field) == field);
    RC_ASSERT(reader.complete());
  }));
}

TEST_CASE("a buffer that is one byte too short refuses the message and leaves what follows it intact") {
  CHECK(rc::check([] {
    const auto fields = *rc::gen::nonEmpty(rc::gen::container<std::vector<Field>>(any_field()));
    std::size_t size = 0;
    for (const Field& field : fields) size += size_of(field);

    std::vector<std::byte> buffer(size, std::byte{0xA5});
    Writer writer(std::span<std::byte>(buffer).first(size - 1));
    for (const Field& field : fields) write(writer, field);
    RC_ASSERT_FALSE(writer.ok());
    RC_ASSERT(writer.size() < size);
    RC_ASSERT(buffer.back() == std::byte{0xA5});
  }));
}

TEST_CASE("a message cut short is never complete") {
  CHECK(rc::check([] {
    const auto fields = *rc::gen::nonEmpty(rc::gen::container<std::vector<Field>>(any_field()));
    std::size_t size = 0;
    for (const Field& field : fields) size += size_of(field);
    std::vector<std::byte> buffer(size);
    Writer writer(buffer);
    for (const Field& field : fields) write(writer, field);

    const auto cut = *rc::gen::inRange<std::size_t>(0, size);
    Reader reader(writer.written().first(cut));
    for (const Field& field : fields) read(reader, field);
    RC_ASSERT_FALSE(reader.complete());
  }));
}

TEST_CASE("no input leads a reader out of its bounds") {
  CHECK(rc::check([](const Octets& input, const std::vector<std::uint8_t>& steps) {
    Reader reader(bytes_of(input));
    std::size_t before = reader.remaining();
    for (const std::uint8_t step : steps) {
      const Bytes taken = step % 2 == 0 ? reader.sized_bytes() : reader.bytes(step);
      RC_ASSERT(taken.size() <= before);
      RC_ASSERT(reader.remaining() <= before);
      before = reader.remaining();
    }
  }));
}

}  // namespace
}  // namespace peerbed
