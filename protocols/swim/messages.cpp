#include "protocols/swim/messages.h"

namespace peerbed::swim {

std::optional<Message> decode(Bytes payload) noexcept { return Messages::decode(wire_version, payload); }

}  // namespace peerbed::swim
