#pragma once
// SWIM's version of the wire format: see protocols/environment/message_codec.h.

#include <cstdint>

#include "protocols/environment/message_codec.h"

namespace peerbed::swim {

constexpr std::uint8_t wire_version = 1;
using Wire = WireFormat<wire_version>;

}  // namespace peerbed::swim
