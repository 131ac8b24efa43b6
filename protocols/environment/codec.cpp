#include "protocols/environment/codec.h"

#include <algorithm>

namespace peerbed {

void Writer::ipv6(Address address) noexcept {
  const auto host = address.ipv6_host();
  if (!host) return integer(static_cast<std::uint8_t>(AddressFamily::none));
  if (!has_room(maximum_address_size)) return;
  put(static_cast<std::uint8_t>(AddressFamily::ipv6));
  bytes(std::as_bytes(std::span(*host)));
  put(address.port());
}

Address Reader::other_address(AddressFamily family) noexcept {
  if (family == AddressFamily::none) return {};
  if (family != AddressFamily::ipv6) fail();
  const Bytes bytes = this->bytes(sizeof(Ipv6Host));
  const auto port = integer<std::uint16_t>();
  if (!ok_) return {};
  Ipv6Host host{};
  std::memcpy(host.data(), bytes.data(), host.size());
  const Address address = Address::ipv6(host, port);
  if (!address.is_ipv6() || !address.is_unicast()) fail();
  return address;
}

}  // namespace peerbed
