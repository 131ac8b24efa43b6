#pragma once
// The bounded codec: a Writer that cannot overrun its buffer and a Reader that cannot leave its input. Integers
// travel in network byte order. Every datagram begins with a Header: the protocol's version, then the message's kind.

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

#include "protocols/environment/address.h"

namespace peerbed {

using Bytes = std::span<const std::byte>;

// The largest payload a node may send in one datagram: what fits an Ethernet frame under IPv6 and UDP.
constexpr std::size_t maximum_datagram_size = 1452;

// An address is encoded as its family, followed by its host of 4 or 16 bytes and its port in network byte order;
// nowhere is only the family.
constexpr std::size_t maximum_address_size = 19;
constexpr std::size_t encoded_size(Address address) noexcept {
  return address.is_ipv6() ? maximum_address_size : address ? std::size_t{7} : std::size_t{1};
}

struct Header {
  std::uint8_t version = 0;
  std::uint8_t kind = 0;
};

constexpr std::size_t header_size = 2;

// The kind byte of an encoded message, for counting by kind without decoding; 0 if there is none.
constexpr std::uint8_t message_kind(Bytes payload) noexcept {
  return payload.size() < header_size ? std::uint8_t{0} : static_cast<std::uint8_t>(payload[1]);
}

// Converts an integer to network byte order, or back: the same operation.
template <std::unsigned_integral Integer>
constexpr Integer in_network_order(Integer value) noexcept {
  if constexpr (std::endian::native == std::endian::big || sizeof(Integer) == 1) return value;
  if constexpr (sizeof(Integer) == 2) return static_cast<Integer>(__builtin_bswap16(value));
  if constexpr (sizeof(Integer) == 4) return static_cast<Integer>(__builtin_bswap32(value));
  if constexpr (sizeof(Integer) == 8) return static_cast<Integer>(__builtin_bswap64(value));
}

// Writes into a borrowed buffer. A write that does not fit writes nothing and turns ok() false for good.
class Writer {
 public:
  explicit Writer(std::span<std::byte> buffer) noexcept
      : begin_(buffer.data()), next_(begin_), end_(begin_ + buffer.size()) {}

  // Writes all of the integers or none of them, with one bounds check.
  template <std::unsigned_integral... Integers>
  void integers(Integers... values) noexcept {
    if (!has_room((sizeof(Integers) + ...))) return;
    (put(values), ...);
  }
  template <std::unsigned_integral Integer>
  void integer(Integer value) noexcept {
    integers(value);
  }
  void header(Header header) noexcept { integers(header.version, header.kind); }
  // A host that the Ipv6Book has forgotten is written as nowhere.
  void address(Address address) noexcept {
    if (address.is_ipv6()) return ipv6(address);
    if (!address) return integer(static_cast<std::uint8_t>(AddressFamily::none));
    integers(static_cast<std::uint8_t>(AddressFamily::ipv4), address.host(), address.port());
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
  void ipv6(Address address) noexcept;
  bool has_room(std::size_t count) noexcept {
    if (static_cast<std::size_t>(end_ - next_) < count) ok_ = false;
    return ok_;
  }
  template <std::unsigned_integral Integer>
  void put(Integer value) noexcept {
    const Integer wire = in_network_order(value);
    std::memcpy(next_, &wire, sizeof wire);
    next_ += sizeof wire;
  }

  std::byte* begin_;
  std::byte* next_;
  std::byte* end_;
  bool ok_ = true;
};

// Reads from front to back. A read past the end yields zero and turns ok() false for good. A decoder checks complete()
// once at its end: everything was there, and nothing is left over.
class Reader {
 public:
  explicit Reader(Bytes input) noexcept : rest_(input) {}

  // Reads all of the integers or none of them, with one bounds check.
  template <std::unsigned_integral... Integers>
  void integers(Integers&... values) noexcept {
    if (rest_.size() < (sizeof(Integers) + ...)) {
      ((values = 0), ...);
      return fail();
    }
    (take(values), ...);
  }
  template <std::unsigned_integral Integer>
  Integer integer() noexcept {
    Integer value;
    integers(value);
    return value;
  }
  Header header() noexcept {
    Header header;
    integers(header.version, header.kind);
    return header;
  }
  // An address has one encoding: an unknown family, IPv4 mapped into IPv6, and anything that is not unicast are
  // refused.
  Address address() noexcept {
    const auto family = static_cast<AddressFamily>(integer<std::uint8_t>());
    if (family != AddressFamily::ipv4) return other_address(family);
    std::uint32_t host = 0;
    std::uint16_t port = 0;
    integers(host, port);
    const Address address = Address::ipv4(host, port);
    if (host == 0 || host >> 28 >= 0xE || port == 0) fail();
    return address;
  }
  // A view into the input, valid as long as the input is.
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

  // For a decoder that finds a value that it does not allow.
  void fail() noexcept {
    ok_ = false;
    rest_ = {};
  }
  bool ok() const noexcept { return ok_; }
  bool complete() const noexcept { return ok_ && rest_.empty(); }
  std::size_t remaining() const noexcept { return rest_.size(); }

 private:
  Address other_address(AddressFamily family) noexcept;
  template <std::unsigned_integral Integer>
  void take(Integer& value) noexcept {
    std::memcpy(&value, rest_.data(), sizeof value);
    value = in_network_order(value);
    rest_ = rest_.subspan(sizeof value);
  }

  Bytes rest_;
  bool ok_ = true;
};

}  // namespace peerbed
