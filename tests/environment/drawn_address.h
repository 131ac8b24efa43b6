#pragma once
// Random addresses for property tests.

#include <rapidcheck.h>

#include "protocols/environment/address.h"

namespace peerbed {

// Of either family, or none.
inline Address drawn_address() {
  const auto port = *rc::gen::inRange<std::uint16_t>(1, 65'535);
  switch (*rc::gen::inRange(0, 4)) {
    case 0:
      return Address::ipv4(*rc::gen::inRange<std::uint32_t>(1, 0xE0000000), port);
    case 1:
      return Address::laboratory(*rc::gen::arbitrary<std::uint32_t>(), port);
    case 2:
      return {};
    default:
      return Address::ipv6({0x20, *rc::gen::arbitrary<std::uint8_t>(), *rc::gen::arbitrary<std::uint8_t>()}, port);
  }
}

}  // namespace peerbed
