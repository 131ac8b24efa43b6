#include "protocols/coursework/messages.h"

namespace peerbed::coursework {

std::optional<Message> decode(Bytes payload) noexcept { return Messages::decode(wire_version, payload); }

}  // namespace peerbed::coursework
