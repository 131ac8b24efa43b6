#include "protocols/swarm/base/bitfield.h"

#include <algorithm>

namespace peerbed::swarm {

namespace {

std::uint8_t reversed(std::uint8_t byte) noexcept {
  std::uint8_t result = 0;
  for (unsigned bit = 0; bit < 8; ++bit)
    if ((byte >> bit & 1) != 0) result = static_cast<std::uint8_t>(result | 0x80U >> bit);
  return result;
}

}  // namespace

void Bitfield::encode(Writer& writer) const noexcept {
  for (std::size_t i = 0; i < encoded_size(); ++i)
    writer.integer(reversed(static_cast<std::uint8_t>(words_[i / 8] >> (8 * (i % 8)))));
}

bool Bitfield::decode(Bytes bytes) noexcept {
  if (bytes.size() != encoded_size()) return false;
  const std::size_t spare = 8 * bytes.size() - size_;
  if (spare > 0 && (static_cast<std::uint8_t>(bytes.back()) & ((1U << spare) - 1)) != 0) return false;
  std::fill(words_.begin(), words_.end(), std::uint64_t{0});
  for (std::size_t i = 0; i < bytes.size(); ++i)
    words_[i / 8] |= static_cast<std::uint64_t>(reversed(static_cast<std::uint8_t>(bytes[i]))) << (8 * (i % 8));
  return true;
}

}  // namespace peerbed::swarm
