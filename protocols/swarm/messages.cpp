#include "protocols/swarm/messages.h"

namespace peerbed::swarm {

std::optional<Message> decode(Bytes payload) noexcept {
  std::optional<Message> decoded;
  wire::dispatch(payload, [&](const auto& message) { decoded.emplace(message); });
  return decoded;
}

}  // namespace peerbed::swarm
