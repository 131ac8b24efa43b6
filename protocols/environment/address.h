#pragma once
// The destination of a datagram or a stream: an IPv4 or IPv6 address and a port in eight bytes, so that a million nodes
// can hold routing tables of them. An IPv6 address outside fd00::/96 does not fit: its host is kept in the process's
// Ipv6Book, and an Address refers to it by name.

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace peerbed {

enum class AddressFamily : std::uint8_t { none = 0, ipv4 = 4, ipv6 = 6 };

using Ipv6Host = std::array<std::uint8_t, 16>;  // in network byte order

// fd00::/96, the network of simulated IPv6 hosts.
constexpr bool is_laboratory(const Ipv6Host& host) noexcept {
  if (host[0] != 0xFD) return false;
  for (std::size_t i = 1; i < 12; ++i)
    if (host[i] != 0) return false;
  return true;
}

struct Address {
  // IPv4:                (host << 16) | port, both in host order; 0 is nowhere
  // IPv6 in fd00::/96:   bit 63, and the same of its last four bytes
  // any other IPv6 host: bits 63 and 62, its name in the Ipv6Book from bit 16 on, and the port
  std::uint64_t value = 0;

  static constexpr Address ipv4(std::uint32_t host, std::uint16_t port) noexcept {
    return Address{(static_cast<std::uint64_t>(host) << 16) | port};
  }
  // fd00::`host`.
  static constexpr Address laboratory(std::uint32_t host, std::uint16_t port) noexcept {
    return Address{ipv6_mark | (static_cast<std::uint64_t>(host) << 16) | port};
  }
  // An IPv4 address mapped into IPv6 (RFC 4291, section 2.5.5.2) becomes that IPv4 address. Nowhere if the Ipv6Book has
  // no name for the host.
  static Address ipv6(const Ipv6Host& host, std::uint16_t port);
  // The same for a host that has proved to be there: it received what was sent to it, and answered.
  static Address heard_ipv6(const Ipv6Host& host, std::uint16_t port);
  // Parses "10.0.0.1:4000" or "[fd00::1]:4000"; nothing for any other text. Names are not looked up.
  static std::optional<Address> parse(std::string_view text);

  constexpr AddressFamily family() const noexcept {
    if (is_ipv6()) return AddressFamily::ipv6;
    return value == 0 ? AddressFamily::none : AddressFamily::ipv4;
  }
  constexpr bool is_ipv6() const noexcept { return (value & ipv6_mark) != 0; }
  // The IPv4 address, or the last four bytes of an address in fd00::/96.
  constexpr std::uint32_t host() const noexcept { return static_cast<std::uint32_t>(value >> 16); }
  constexpr std::uint16_t port() const noexcept { return static_cast<std::uint16_t>(value); }
  constexpr Address with_port(std::uint16_t port) const noexcept {
    return Address{(value & ~std::uint64_t{0xFFFF}) | port};
  }
  // The address `count` hosts further on in the same network: 10.0.0.1 plus 2 is 10.0.0.3.
  constexpr Address plus(std::uint32_t count) const noexcept { return Address{value + (std::uint64_t{count} << 16)}; }
  // Nothing for an IPv4 address, or for a host that the book has forgotten.
  std::optional<Ipv6Host> ipv6_host() const;
  // Whether a single host may be there. False for port 0, 0.0.0.0, ::, multicast, and broadcast and link-local
  // addresses, which are meaningful on one link only.
  bool is_unicast() const;
  constexpr explicit operator bool() const noexcept { return value != 0; }

  friend constexpr auto operator<=>(const Address&, const Address&) = default;

 private:
  static Address named(std::optional<std::uint64_t> name, std::uint16_t port) noexcept;

  static constexpr std::uint64_t ipv6_mark = std::uint64_t{1} << 63;
  static constexpr std::uint64_t named_mark = std::uint64_t{1} << 62;
};

// "10.0.0.1" or "fd00::1" (RFC 5952).
std::string host_text(Address address);
// "10.0.0.1:4000" or "[fd00::1]:4000".
std::string to_string(Address address);

}  // namespace peerbed
