#pragma once
// The ring's version of the wire format: see protocols/environment/message_codec.h.

#include <cstdint>

#include "protocols/environment/message_codec.h"
#include "protocols/ring/base/contact.h"

namespace peerbed::ring {

constexpr std::uint8_t wire_version = 4;
using Wire = WireFormat<wire_version>;

}  // namespace peerbed::ring
