#include "protocols/swarm/wire/messages.h"

namespace peerbed::swarm {

std::optional<Message> decode(Bytes payload) noexcept { return Messages::decode(wire_version, payload); }

}  // namespace peerbed::swarm
