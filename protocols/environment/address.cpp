#include "protocols/environment/address.h"

#include <algorithm>
#include <charconv>

#include "protocols/environment/ipv6_book.h"
#include "protocols/environment/ipv6_text.h"

namespace peerbed {

namespace {

constexpr Ipv6Host mapped_prefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
constexpr std::size_t prefix_size = 12;  // bytes, of ::ffff:0:0/96 and of fd00::/96

std::uint32_t last_four_bytes(const Ipv6Host& host) noexcept {
  std::uint32_t number = 0;
  for (std::size_t i = prefix_size; i < host.size(); ++i) number = (number << 8) | host[i];
  return number;
}

// The address of a host that needs no name.
std::optional<Address> plain_address(const Ipv6Host& host, std::uint16_t port) noexcept {
  if (std::equal(mapped_prefix.begin(), mapped_prefix.begin() + prefix_size, host.begin()))
    return Address::ipv4(last_four_bytes(host), port);
  if (is_laboratory(host)) return Address::laboratory(last_four_bytes(host), port);
  return std::nullopt;
}

std::optional<std::uint16_t> parse_port(std::string_view text) noexcept {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return port;
}

}  // namespace

Address Address::ipv6(const Ipv6Host& host, std::uint16_t port) {
  const auto plain = plain_address(host, port);
  return plain ? *plain : named(Ipv6Book::of_process().name_of(host), port);
}

Address Address::heard_ipv6(const Ipv6Host& host, std::uint16_t port) {
  const auto plain = plain_address(host, port);
  return plain ? *plain : named(Ipv6Book::of_process().name_of_heard(host), port);
}

Address Address::named(std::optional<std::uint64_t> name, std::uint16_t port) noexcept {
  return name ? Address{ipv6_mark | named_mark | (*name << 16) | port} : Address{};
}

bool Address::is_unicast() const {
  if (port() == 0) return false;
  if (!is_ipv6()) return host() != 0 && host() >> 28 < 0xE;
  if ((value & named_mark) == 0) return true;
  const auto host = ipv6_host();
  const bool is_link_local = host && (*host)[0] == 0xFE && ((*host)[1] & 0xC0) == 0x80;
  return host && *host != Ipv6Host{} && (*host)[0] != 0xFF && !is_link_local;
}

std::optional<Ipv6Host> Address::ipv6_host() const {
  if (!is_ipv6()) return std::nullopt;
  if ((value & named_mark) != 0) return Ipv6Book::of_process().host_of((value & ~(ipv6_mark | named_mark)) >> 16);
  Ipv6Host address{0xFD};
  for (std::size_t i = 0; i < 4; ++i) address[prefix_size + i] = static_cast<std::uint8_t>(host() >> (24 - 8 * i));
  return address;
}

std::optional<Address> Address::parse(std::string_view text) {
  const bool is_bracketed = text.starts_with('[');
  const std::size_t end = is_bracketed ? text.find("]:") : text.find(':');
  if (end == std::string_view::npos) return std::nullopt;
  const auto port = parse_port(text.substr(end + (is_bracketed ? 2 : 1)));
  if (!port) return std::nullopt;
  if (is_bracketed) {
    const auto host = parse_ipv6(text.substr(1, end - 1));
    return host ? std::optional(ipv6(*host, *port)) : std::nullopt;
  }
  const auto host = parse_ipv4(text.substr(0, end));
  return host ? std::optional(ipv4(*host, *port)) : std::nullopt;
}

std::string host_text(Address address) {
  if (address.is_ipv6()) {
    const auto host = address.ipv6_host();
    return host ? to_text(*host) : "forgotten";
  }
  const std::uint32_t host = address.host();
  return std::to_string(host >> 24) + '.' + std::to_string((host >> 16) & 255) + '.' +
         std::to_string((host >> 8) & 255) + '.' + std::to_string(host & 255);
}

std::string to_string(Address address) {
  const std::string host = host_text(address);
  return (address.is_ipv6() ? '[' + host + ']' : host) + ':' + std::to_string(address.port());
}

}  // namespace peerbed
