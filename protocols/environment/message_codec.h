#pragma once
// How messages are encoded: a structure that names its members is encoded as these in order, in network byte order. A
// datagram is a header, the members, and a 32-bit checksum of all that, so that damage in transit or by a lying host is
// detected.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <tuple>
#include <type_traits>

#include "protocols/environment/codec.h"
#include "protocols/environment/hash.h"

namespace peerbed {

// A list that cannot outgrow its message. Adding to a full list is refused.
template <class Element, std::size_t Limit>
class BoundedList {
 public:
  static constexpr std::size_t limit = Limit;
  static_assert(Limit <= UINT8_MAX, "a list's count travels in one byte");

  BoundedList() = default;
  bool add(const Element& element) noexcept {
    if (count_ == Limit) return false;
    elements_[count_++] = element;
    return true;
  }
  std::span<const Element> all() const noexcept { return {elements_.data(), count_}; }
  std::size_t size() const noexcept { return count_; }
  bool empty() const noexcept { return count_ == 0; }
  bool full() const noexcept { return count_ == Limit; }
  const Element& operator[](std::size_t index) const noexcept { return elements_[index]; }

  friend bool operator==(const BoundedList& one, const BoundedList& other) noexcept {
    return std::equal(one.all().begin(), one.all().end(), other.all().begin(), other.all().end());
  }
  auto fields() const { return std::tie(count_, elements_); }

 private:
  std::uint8_t count_ = 0;
  std::array<Element, Limit> elements_{};
};

// Bytes inside a message: a view into the decoded datagram or into the memory to encode.
struct ByteView {
  Bytes bytes;
  friend bool operator==(const ByteView& one, const ByteView& other) noexcept {
    return std::equal(one.bytes.begin(), one.bytes.end(), other.bytes.begin(), other.bytes.end());
  }
};

namespace codec {

constexpr std::size_t check_size = 4;

inline std::uint32_t check_of(Bytes bytes) noexcept { return static_cast<std::uint32_t>(hash_bytes(bytes) >> 32); }

template <class Value>
void write(Writer& writer, const Value& value) noexcept;
template <class Value>
void read(Reader& reader, Value& value) noexcept;

template <class Element, std::size_t Limit>
void write_list(Writer& writer, const BoundedList<Element, Limit>& list) noexcept {
  writer.integer(static_cast<std::uint8_t>(list.size()));
  for (const Element& element : list.all()) write(writer, element);
}
template <class Element, std::size_t Limit>
void read_list(Reader& reader, BoundedList<Element, Limit>& list) noexcept {
  const std::size_t count = reader.integer<std::uint8_t>();
  if (count > Limit) return reader.fail();
  for (std::size_t i = 0; i < count && reader.ok(); ++i) {
    Element element{};
    read(reader, element);
    list.add(element);
  }
}

template <class>
inline constexpr bool is_list = false;
template <class Element, std::size_t Limit>
inline constexpr bool is_list<BoundedList<Element, Limit>> = true;

template <class>
inline constexpr bool is_byte_array = false;
template <std::size_t Size>
inline constexpr bool is_byte_array<std::array<std::byte, Size>> = true;

// A structure that names its members is encoded as these, one after the other; a one-field id as its value.
template <class Value>
concept Composed = requires {
  Value::members;
};

template <class Value>
void write(Writer& writer, const Value& value) noexcept {
  if constexpr (std::is_same_v<Value, bool>) {
    writer.integer(static_cast<std::uint8_t>(value));
  } else if constexpr (std::is_enum_v<Value>) {
    writer.integer(static_cast<std::underlying_type_t<Value>>(value));
  } else if constexpr (std::is_integral_v<Value>) {
    writer.integer(value);
  } else if constexpr (std::is_same_v<Value, Address>) {
    writer.address(value);
  } else if constexpr (std::is_same_v<Value, ByteView>) {
    writer.sized_bytes(value.bytes);
  } else if constexpr (is_list<Value>) {
    write_list(writer, value);
  } else if constexpr (is_byte_array<Value>) {
    writer.bytes(value);
  } else if constexpr (Composed<Value>) {
    std::apply([&](const auto... member) { (write(writer, value.*member), ...); }, Value::members);
  } else {
    write(writer, value.value);
  }
}

template <class Value>
void read(Reader& reader, Value& value) noexcept {
  if constexpr (std::is_same_v<Value, bool>) {
    const auto byte = reader.integer<std::uint8_t>();
    if (byte > 1) reader.fail();
    value = byte == 1;
  } else if constexpr (std::is_enum_v<Value>) {
    const auto number = reader.integer<std::underlying_type_t<Value>>();
    if (number > static_cast<std::underlying_type_t<Value>>(Value::last)) reader.fail();
    value = static_cast<Value>(number);
  } else if constexpr (std::is_integral_v<Value>) {
    value = reader.integer<Value>();
  } else if constexpr (std::is_same_v<Value, Address>) {
    value = reader.address();
  } else if constexpr (std::is_same_v<Value, ByteView>) {
    value.bytes = reader.sized_bytes();
  } else if constexpr (is_list<Value>) {
    read_list(reader, value);
  } else if constexpr (is_byte_array<Value>) {
    const Bytes bytes = reader.bytes(value.size());
    std::copy(bytes.begin(), bytes.end(), value.begin());
  } else if constexpr (Composed<Value>) {
    std::apply([&](const auto... member) { (read(reader, value.*member), ...); }, Value::members);
  } else {
    read(reader, value.value);
  }
}

template <class Message>
void encode(std::uint8_t version, const Message& message, Writer& writer) noexcept {
  writer.header({version, static_cast<std::uint8_t>(Message::kind)});
  std::apply([&](const auto... member) { (write(writer, message.*member), ...); }, Message::members);
  writer.integer(check_of(writer.written()));
}

// Whether a datagram has a header and a correct checksum.
inline bool is_whole(Bytes payload) noexcept {
  return payload.size() >= header_size + check_size && Reader(payload.last(check_size)).integer<std::uint32_t>() ==
                                                           check_of(payload.first(payload.size() - check_size));
}

// The message in `payload`, whose kind byte must be Message's; nothing if it is malformed or damaged.
template <class Message>
std::optional<Message> decode_as(std::uint8_t version, Bytes payload) noexcept {
  if (!is_whole(payload)) return std::nullopt;
  Reader reader(payload.first(payload.size() - check_size));
  const Header header = reader.header();
  if (header.version != version || header.kind != static_cast<std::uint8_t>(Message::kind)) return std::nullopt;
  std::optional<Message> message(std::in_place);
  std::apply([&](const auto... member) { (read(reader, (*message).*member), ...); }, Message::members);
  if (!reader.complete()) message.reset();
  return message;
}

}  // namespace codec
// Messages of one version of a protocol.
template <std::uint8_t version>
struct WireFormat {
  template <class Message>
  static void encode(const Message& message, Writer& writer) noexcept {
    codec::encode(version, message, writer);
  }
  template <class Message>
  static std::optional<Message> decode_as(Bytes payload) noexcept {
    return codec::decode_as<Message>(version, payload);
  }
};

}  // namespace peerbed
