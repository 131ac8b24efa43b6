#pragma once
// IPv6 addresses as text (RFC 4291, section 2.2), formatted as RFC 5952 recommends.

#include <optional>
#include <string>
#include <string_view>

#include "protocols/environment/address.h"

namespace peerbed {

// "2001:db8::7".
std::string to_text(const Ipv6Host& host);
// Accepts any form that the standard allows, including "::ffff:10.0.0.1"; without a zone.
std::optional<Ipv6Host> parse_ipv6(std::string_view text);

// "10.0.0.1": four numbers without leading zeros.
std::optional<std::uint32_t> parse_ipv4(std::string_view text);

}  // namespace peerbed
