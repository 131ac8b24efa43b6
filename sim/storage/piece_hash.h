#pragma once
// Computes the SHA-256 of content from its real bytes and caches it. If a thousand hosts hash the same piece of the
// same file, its bytes are generated and hashed once.

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <unordered_map>

#include "protocols/environment/content.h"
#include "sim/storage/extent.h"

namespace peerbed::sim {

using Sha256 = std::array<std::byte, sha256_size>;

class PieceHashes {
 public:
  static constexpr std::size_t maximum_remembered = 1 << 18;  // when full, the cache is cleared

  Sha256 of(std::span<const Extent> extents);
  std::uint64_t computed() const noexcept { return computed_; }

 private:
  struct Key {
    std::uint64_t seed, offset, size, damage;
    friend bool operator==(const Key&, const Key&) = default;
  };
  struct HashOfKey {
    std::size_t operator()(const Key& key) const noexcept;
  };

  std::unordered_map<Key, Sha256, HashOfKey> remembered_;  // of single synthetic extents; never iterated
  std::uint64_t computed_ = 0;
};

}  // namespace peerbed::sim
