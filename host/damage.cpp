#include "host/damage.h"

#include "protocols/environment/random.h"

namespace peerbed {

void flip_bit(std::span<std::byte> bytes, std::uint64_t draw) noexcept {
  if (bytes.empty()) return;
  const std::uint64_t bit = to_below(mix(draw), bytes.size() * 8);
  bytes[bit / 8] ^= static_cast<std::byte>(1U << (bit % 8));
}

}  // namespace peerbed
