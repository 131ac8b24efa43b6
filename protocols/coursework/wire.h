#pragma once
// The coursework's version of the wire format: see protocols/environment/message_codec.h.

#include <cstdint>

#include "protocols/environment/message_codec.h"

namespace peerbed::coursework {

constexpr std::uint8_t wire_version = 3;
using Wire = WireFormat<wire_version>;

}  // namespace peerbed::coursework
