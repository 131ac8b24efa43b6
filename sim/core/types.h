#pragma once
// The small types that the whole simulator shares.

#include <compare>
#include <cstdint>

#include "host/node_index.h"
#include "protocols/environment/address.h"

namespace peerbed::sim {

// An index into a latency matrix, a topology or a plane. Several hosts may share a site.
using SiteIndex = std::uint32_t;
// Hosts with the same network conditions.
using GroupIndex = std::uint16_t;

constexpr std::uint32_t first_host_address = 0x0A000001;  // 10.0.0.1
constexpr std::uint16_t host_port = 4000;

// Simulated hosts are 10.0.0.1, 10.0.0.2, ...; in an IPv6 world fd00::a00:1, fd00::a00:2, ...
constexpr Address first_address(AddressFamily family) noexcept {
  return family == AddressFamily::ipv6 ? Address::laboratory(first_host_address, host_port)
                                       : Address::ipv4(first_host_address, host_port);
}
constexpr Address address_of(NodeIndex node, AddressFamily family = AddressFamily::ipv4) noexcept {
  return first_address(family).plus(node);
}
// The host with this address; a number past the last host if there is none.
constexpr NodeIndex node_at(Address address) noexcept { return address.host() - first_host_address; }

// Bits per second. Absent means unlimited.
struct Rate {
  std::uint64_t bits_per_second = 0;
  friend constexpr auto operator<=>(const Rate&, const Rate&) = default;
};

}  // namespace peerbed::sim
