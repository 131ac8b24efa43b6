#include "protocols/ring/wire/messages.h"

namespace peerbed::ring {

std::optional<Message> decode(Bytes payload) noexcept { return Messages::decode(wire_version, payload); }

}  // namespace peerbed::ring
