#include "protocols/environment/address.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>

#include "protocols/environment/ipv6_book.h"

namespace peerbed {

namespace {

constexpr Ipv6Host mapped_prefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
constexpr std::size_t prefix_size = 12;  // bytes, of ::ffff:0:0/96 and of fd00::/96

std::uint32_t last_four_bytes(const Ipv6Host& host) noexcept {
  std::uint32_t number = 0;
  for (std::size_t i = prefix_size; i < host.size(); ++i) number = (number << 8) | host[i];
  return number;
}

std::optional<std::uint16_t> parse_port(std::string_view text) noexcept {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return port;
}

}  // namespace

Address Address::ipv6(const Ipv6Host& host, std::uint16_t port) {
  if (std::equal(mapped_prefix.begin(), mapped_prefix.begin() + prefix_size, host.begin()))
    return ipv4(last_four_bytes(host), port);
  if (is_laboratory(host)) return laboratory(last_four_bytes(host), port);
  return Address{ipv6_mark | named_mark | (Ipv6Book::of_process().name_of(host) << 16) | port};
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
  const std::string host(text.substr(is_bracketed ? 1 : 0, end - (is_bracketed ? 1 : 0)));
  if (!port) return std::nullopt;
  Ipv6Host bytes{};
  if (is_bracketed)
    return inet_pton(AF_INET6, host.c_str(), bytes.data()) == 1 ? std::optional(ipv6(bytes, *port)) : std::nullopt;
  in_addr number{};
  if (inet_pton(AF_INET, host.c_str(), &number) != 1) return std::nullopt;
  return ipv4(ntohl(number.s_addr), *port);
}

std::string host_text(Address address) {
  char text[INET6_ADDRSTRLEN] = "forgotten";
  if (const auto host = address.ipv6_host()) inet_ntop(AF_INET6, host->data(), text, sizeof text);
  if (address.is_ipv6()) return text;
  const in_addr host{.s_addr = htonl(address.host())};
  return inet_ntop(AF_INET, &host, text, sizeof text);
}

std::string to_string(Address address) {
  const std::string host = host_text(address);
  return (address.is_ipv6() ? '[' + host + ']' : host) + ':' + std::to_string(address.port());
}

}  // namespace peerbed
