#include "adapter/base/endpoint.h"

#include <arpa/inet.h>
#include <netdb.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <stdexcept>

#include "adapter/base/file_descriptor.h"

namespace peerbed::adapter {

namespace {

constexpr std::array<std::uint8_t, 12> ipv4_prefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};

std::optional<std::uint16_t> to_port(std::string_view text) noexcept {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return port;
}

// "[::1]:4000" is split at the bracket, anything else at its only colon.
struct HostAndPort {
  std::string host;
  std::optional<std::string_view> port;
};

std::optional<HostAndPort> split(std::string_view text) {
  if (!text.starts_with('[')) {
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos) return HostAndPort{std::string(text), std::nullopt};
    if (text.find(':', colon + 1) != std::string_view::npos) return HostAndPort{std::string(text), std::nullopt};
    return HostAndPort{std::string(text.substr(0, colon)), text.substr(colon + 1)};
  }
  const std::size_t bracket = text.find(']');
  if (bracket == std::string_view::npos) return std::nullopt;
  const std::string_view rest = text.substr(bracket + 1);
  if (!rest.empty() && !rest.starts_with(':')) return std::nullopt;
  std::optional<std::string_view> port;
  if (!rest.empty()) port = rest.substr(1);
  return HostAndPort{std::string(text.substr(1, bracket - 1)), port};
}

}  // namespace

Endpoint Endpoint::ipv4(std::uint32_t host, std::uint16_t port) noexcept {
  Endpoint endpoint;
  std::copy(ipv4_prefix.begin(), ipv4_prefix.end(), endpoint.host.begin());
  for (std::size_t i = 0; i < 4; ++i) endpoint.host[12 + i] = static_cast<std::uint8_t>(host >> (24 - 8 * i));
  endpoint.port = port;
  return endpoint;
}

std::optional<Endpoint> Endpoint::of(const sockaddr_storage& address) noexcept {
  if (address.ss_family == AF_INET) {
    sockaddr_in in{};
    std::memcpy(&in, &address, sizeof in);
    return ipv4(ntohl(in.sin_addr.s_addr), ntohs(in.sin_port));
  }
  if (address.ss_family != AF_INET6) return std::nullopt;
  sockaddr_in6 in{};
  std::memcpy(&in, &address, sizeof in);
  Endpoint endpoint;
  std::memcpy(endpoint.host.data(), &in.sin6_addr, endpoint.host.size());
  endpoint.port = ntohs(in.sin6_port);
  return endpoint;
}

std::optional<Endpoint> Endpoint::of(Address address) {
  if (!address.is_ipv6()) return ipv4(address.host(), address.port());
  const auto host = address.ipv6_host();
  return host ? std::optional(Endpoint{*host, address.port()}) : std::nullopt;
}

std::vector<Endpoint> Endpoint::resolve(std::string_view text, std::uint16_t default_port) {
  const auto parts = split(text);
  if (!parts || parts->host.empty()) return {};
  const auto port = parts->port ? to_port(*parts->port) : std::optional(default_port);
  if (!port) return {};
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_DGRAM;
  addrinfo* found = nullptr;
  const int error = getaddrinfo(parts->host.c_str(), nullptr, &hints, &found);
  if (error == EAI_AGAIN || error == EAI_FAIL || error == EAI_SYSTEM)
    throw std::runtime_error(parts->host + " could not be looked up: " + gai_strerror(error));
  if (error != 0) return {};
  std::vector<Endpoint> endpoints;
  for (const addrinfo* one = found; one != nullptr; one = one->ai_next) {
    sockaddr_storage storage{};
    std::memcpy(&storage, one->ai_addr, one->ai_addrlen);
    const auto endpoint = of(storage);
    if (endpoint) endpoints.push_back({endpoint->host, *port});
  }
  freeaddrinfo(found);
  return endpoints;
}

std::optional<Endpoint> Endpoint::preferred(const std::vector<Endpoint>& endpoints) noexcept {
  if (endpoints.empty()) return std::nullopt;
  const auto ipv4 = std::find_if(endpoints.begin(), endpoints.end(), [](const Endpoint& one) { return one.is_ipv4(); });
  return ipv4 == endpoints.end() ? endpoints.front() : *ipv4;
}

std::optional<Endpoint> Endpoint::parse(std::string_view text, std::uint16_t default_port) {
  return preferred(resolve(text, default_port));
}

Endpoint Endpoint::towards(const Endpoint& remote) noexcept {
  const int family = remote.is_ipv4() ? AF_INET : AF_INET6;
  Endpoint own = remote.is_ipv4() ? ipv4(INADDR_LOOPBACK, 0) : Endpoint{};
  if (!remote.is_ipv4()) own.host[15] = 1;
  // Connecting a datagram socket binds it but sends nothing.
  const FileDescriptor socket(::socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  const SocketAddress to = to_socket_address(remote, family);
  sockaddr_storage bound{};
  socklen_t size = sizeof bound;
  const bool is_bound = socket && ::connect(socket.number(), to.get(), to.size) == 0 &&
                        ::getsockname(socket.number(), reinterpret_cast<sockaddr*>(&bound), &size) == 0;
  if (const auto found = is_bound ? of(bound) : std::nullopt) own.host = found->host;
  return own;
}

bool Endpoint::is_ipv4() const noexcept { return std::equal(ipv4_prefix.begin(), ipv4_prefix.end(), host.begin()); }

bool Endpoint::is_loopback() const noexcept {
  if (is_ipv4()) return host[12] == 127;
  Ipv6Host loopback{};
  loopback[15] = 1;
  return host == loopback;
}

bool Endpoint::is_any() const noexcept { return is_ipv4() ? address().host() == 0 : host == Ipv6Host{}; }

bool Endpoint::is_link_local() const noexcept { return host[0] == 0xFE && (host[1] & 0xC0) == 0x80; }

bool Endpoint::is_multicast() const noexcept { return is_ipv4() ? host[12] >> 4 >= 0xE : host[0] == 0xFF; }

SocketAddress to_socket_address(const Endpoint& endpoint, int family) noexcept {
  SocketAddress address;
  if (family == AF_INET) {
    sockaddr_in in{};
    in.sin_family = AF_INET;
    in.sin_port = htons(endpoint.port);
    in.sin_addr.s_addr = htonl(endpoint.address().host());
    std::memcpy(&address.storage, &in, sizeof in);
    address.size = sizeof in;
  } else {
    sockaddr_in6 in{};
    in.sin6_family = AF_INET6;
    in.sin6_port = htons(endpoint.port);
    std::memcpy(&in.sin6_addr, endpoint.host.data(), endpoint.host.size());
    std::memcpy(&address.storage, &in, sizeof in);
    address.size = sizeof in;
  }
  return address;
}

std::string to_string(const Endpoint& endpoint) { return peerbed::to_string(endpoint.address()); }

}  // namespace peerbed::adapter
