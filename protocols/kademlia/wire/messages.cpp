#include "protocols/kademlia/wire/messages.h"

namespace peerbed::kademlia {

std::optional<Message> decode(Bytes payload) noexcept { return Messages::decode(wire_version, payload); }

}  // namespace peerbed::kademlia
