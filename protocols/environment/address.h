#pragma once
// Where a datagram or a stream goes: an IPv4 address and a port in eight bytes, so that a million nodes can hold
// routing tables of them. A host may name an endpoint that does not fit (IPv6) by a value with the top bit set.

#include <compare>
#include <cstdint>
#include <string>

namespace peerbed {

struct Address {
  std::uint64_t value = 0;  // (IPv4 address << 16) | port, both in host order; 0 is nowhere

  static constexpr Address ipv4(std::uint32_t host, std::uint16_t port) noexcept {
    return Address{(static_cast<std::uint64_t>(host) << 16) | port};
  }
  constexpr std::uint32_t host() const noexcept { return static_cast<std::uint32_t>(value >> 16); }
  constexpr std::uint16_t port() const noexcept { return static_cast<std::uint16_t>(value); }
  constexpr explicit operator bool() const noexcept { return value != 0; }

  friend constexpr auto operator<=>(const Address&, const Address&) = default;
};

// "10.0.0.1:4000".
std::string to_string(Address address);

}  // namespace peerbed
