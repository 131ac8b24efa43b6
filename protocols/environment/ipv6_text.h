#pragma once
// IPv6 addresses as text (RFC 4291, section 2.2), written in the one way that RFC 5952 recommends.

#include <optional>
#include <string>
#include <string_view>

#include "protocols/environment/address.h"

namespace peerbed {

// "2001:db8::7".
std::string to_text(const Ipv6Host& host);
// In any of the forms that the standard allows, "::ffff:10.0.0.1" among them; without a zone.
std::optional<Ipv6Host> parse_ipv6(std::string_view text);

// "10.0.0.1": four numbers without leading zeros.
std::optional<std::uint32_t> parse_ipv4(std::string_view text);

}  // namespace peerbed
