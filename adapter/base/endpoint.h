#pragma once
// The address of a socket on this or another machine: an IPv4 or IPv6 address and a port, in the kernel's form and as
// text.

#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocols/environment/address.h"

namespace peerbed::adapter {

struct Endpoint {
  Ipv6Host host{};  // IPv6; an IPv4 address is mapped into it (RFC 4291, section 2.5.5.2)
  std::uint16_t port = 0;

  static Endpoint ipv4(std::uint32_t host, std::uint16_t port) noexcept;
  // Nothing if the process has forgotten the host of an IPv6 address.
  static std::optional<Endpoint> of(Address address);
  // Nothing if the kernel's address is of another family.
  static std::optional<Endpoint> of(const sockaddr_storage& address) noexcept;
  // "127.0.0.1:4000", "[::1]:4000" or "name:4000"; names are looked up, which may take seconds. Without a port the
  // result has `default_port`. The address that the machine prefers comes first. Empty if the text is malformed or the
  // name does not exist. Throws std::runtime_error if no name server answers.
  static std::vector<Endpoint> resolve(std::string_view text, std::uint16_t default_port = 0);
  // The first IPv4 endpoint, or else the first one.
  static std::optional<Endpoint> preferred(const std::vector<Endpoint>& endpoints) noexcept;
  // The preferred endpoint that resolve() finds.
  static std::optional<Endpoint> parse(std::string_view text, std::uint16_t default_port = 0);

  // The address from which this machine sends to `remote`, with port 0; the family's loopback address if there is no
  // route.
  static Endpoint towards(const Endpoint& remote) noexcept;

  bool is_ipv4() const noexcept;
  bool is_loopback() const noexcept;
  bool is_any() const noexcept;         // 0.0.0.0 or ::
  bool is_link_local() const noexcept;  // fe80::/10, which is meaningful on one link only
  // The address by which nodes know it.
  Address address() const { return Address::ipv6(host, port); }
  // The same for an endpoint that has proved to be there: it received what was sent to it, and answered.
  Address heard_address() const { return Address::heard_ipv6(host, port); }
  bool is_multicast() const noexcept;  // or broadcast

  friend auto operator<=>(const Endpoint&, const Endpoint&) = default;
};

// An address for a socket of the given family (AF_INET or AF_INET6).
struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;
  const sockaddr* get() const noexcept { return reinterpret_cast<const sockaddr*>(&storage); }
};
SocketAddress to_socket_address(const Endpoint& endpoint, int family) noexcept;

std::string to_string(const Endpoint& endpoint);

}  // namespace peerbed::adapter
