#pragma once
// The bounded codec: a Writer that cannot overrun its buffer and a Reader that cannot leave its input. Integers
// travel in network byte order. Every datagram begins with a Header: the protocol's version, then the message's kind.

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

#include "protocols/environment/address.h"

namespace peerbed {

using Bytes = std::span<const std::byte>;

// The largest payload a node may send in one datagram: what fits an Ethernet frame under IPv4 and UDP.
constexpr std::size_t maximum_datagram_size = 1472;

struct Header {
  std::uint8_t version = 0;
  std::uint8_t kind = 0;
};

constexpr std::size_t header_size = 2;

// The kind byte of an encoded message, for counting by kind without decoding; 0 when there is none.
constexpr std::uint8_t message_kind(Bytes payload) noexcept {
  return payload.size() < header_size ? std::uint8_t{0} : static_cast<std::uint8_t>(payload[1]);
}

// Writes into a buffer it is lent. A write that would not fit writes nothing and turns ok() false for good.
class Writer {
 public:
  explicit Writer(std::span<std::byte> buffer) noexcept
      : begin_(buffer.data()), next_(begin_), end_(begin_ + buffer.size()) {}

  template <std::unsigned_integral Integer>
  void integer(Integer value) noexcept {
    if (!has_room(sizeof(Integer))) return;
    for (std::size_t i = 0; i < sizeof(Integer); ++i)
      next_[i] = static_cast<std::byte>(value >> (8 * (sizeof(Integer) - 1 - i)));
    next_ += sizeof(Integer);
  }
  void header(Header header) noexcept {
    integer(header.version);
    integer(header.kind);
  }
  // Six bytes: IPv4 address, port.
  void address(Address address) noexcept {
    integer(address.host());
    integer(address.port());
  }
  void bytes(Bytes bytes) noexcept {
    if (!has_room(bytes.size())) return;
    if (!bytes.empty()) std::memcpy(next_, bytes.data(), bytes.size());
    next_ += bytes.size();
  }
  // A 16-bit length, then the bytes.
  void sized_bytes(Bytes content) noexcept {
    if (content.size() > UINT16_MAX) {
      ok_ = false;
      return;
    }
    integer(static_cast<std::uint16_t>(content.size()));
    bytes(content);
  }

  bool ok() const noexcept { return ok_; }
  std::size_t size() const noexcept { return static_cast<std::size_t>(next_ - begin_); }
  Bytes written() const noexcept { return {begin_, size()}; }

 private:
  bool has_room(std::size_t count) noexcept {
    if (static_cast<std::size_t>(end_ - next_) < count) ok_ = false;
    return ok_;
  }

  std::byte* begin_;
  std::byte* next_;
  std::byte* end_;
  bool ok_ = true;
};

// Reads from front to back. A read past the end yields zero and turns ok() false for good; a decoder checks
// complete() once at its end: everything was there, and nothing is left over.
class Reader {
 public:
  explicit Reader(Bytes input) noexcept : rest_(input) {}

  template <std::unsigned_integral Integer>
  Integer integer() noexcept {
    if (rest_.size() < sizeof(Integer)) {
      fail();
      return 0;
    }
    Integer value = 0;
    for (std::size_t i = 0; i < sizeof(Integer); ++i)
      value = static_cast<Integer>((static_cast<std::uint64_t>(value) << 8) | static_cast<std::uint8_t>(rest_[i]));
    rest_ = rest_.subspan(sizeof(Integer));
    return value;
  }
  Header header() noexcept {
    Header header;
    header.version = integer<std::uint8_t>();
    header.kind = integer<std::uint8_t>();
    return header;
  }
  Address address() noexcept {
    const auto host = integer<std::uint32_t>();
    const auto port = integer<std::uint16_t>();
    return Address::ipv4(host, port);
  }
  // A view into the input; it lives as long as the input does.
  Bytes bytes(std::size_t count) noexcept {
    if (rest_.size() < count) {
      fail();
      return {};
    }
    const Bytes taken = rest_.first(count);
    rest_ = rest_.subspan(count);
    return taken;
  }
  Bytes sized_bytes() noexcept { return bytes(integer<std::uint16_t>()); }

  // For a decoder that meets a value it does not allow.
  void fail() noexcept {
    ok_ = false;
    rest_ = {};
  }
  bool ok() const noexcept { return ok_; }
  bool complete() const noexcept { return ok_ && rest_.empty(); }
  std::size_t remaining() const noexcept { return rest_.size(); }

 private:
  Bytes rest_;
  bool ok_ = true;
};

}  // namespace peerbed
