#pragma once
// The swarm's version of the wire format: see protocols/environment/message_codec.h.

#include <cstdint>

#include "protocols/environment/message_codec.h"

namespace peerbed::swarm {

constexpr std::uint8_t wire_version = 2;
using Wire = WireFormat<wire_version>;

}  // namespace peerbed::swarm
