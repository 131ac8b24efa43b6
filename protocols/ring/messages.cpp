#include "protocols/ring/messages.h"

namespace peerbed::ring {

std::optional<Message> decode(Bytes payload) noexcept {
  std::optional<Message> decoded;
  wire::dispatch(payload, [&](const auto& message) { decoded.emplace(message); });
  return decoded;
}

}  // namespace peerbed::ring
