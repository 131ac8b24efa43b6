#pragma once
// A hash of bytes that is the same on every machine.

#include <cstdint>

#include "protocols/environment/codec.h"
#include "protocols/environment/random.h"

namespace peerbed {

// A well-mixed 64-bit hash of bytes: for keys of names and for checksums, not against an adversary who chooses them.
constexpr std::uint64_t hash_bytes(Bytes bytes, std::uint64_t seed = 0) noexcept {
  std::uint64_t hash = seed ^ (bytes.size() * 0x9E3779B97F4A7C15ULL);
  while (!bytes.empty()) {
    const std::size_t taken = bytes.size() < 8 ? bytes.size() : 8;
    std::uint64_t word = 0;
    for (std::size_t i = 0; i < taken; ++i) word |= static_cast<std::uint64_t>(bytes[i]) << (8 * i);
    hash = (hash ^ word) * 0xD1342543DE82EF95ULL;
    hash ^= hash >> 32;
    bytes = bytes.subspan(taken);
  }
  return mix(hash);
}

}  // namespace peerbed
