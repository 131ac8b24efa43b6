#pragma once
// Positions on the ring, and the clockwise arithmetic of Zave 2017: identifiers of 8 to 64 bits that wrap around. All
// functions are pure.

#include <bit>
#include <compare>
#include <cstdint>
#include <string_view>

#include "protocols/environment/hash.h"

namespace peerbed::ring {

struct Key {
  std::uint64_t value = 0;
  friend constexpr auto operator<=>(const Key&, const Key&) = default;
};

// Whether `middle` lies strictly inside the clockwise arc from `from` to `to`. The arc from a key to itself is the
// whole ring without that key (`between` in Zave 2017).
constexpr bool between(Key from, Key middle, Key to) noexcept {
  if (from < to) return from < middle && middle < to;
  return from < middle || middle < to;
}

// Whether a node at `owner` whose predecessor is at `predecessor` owns `key`: the half-open arc (predecessor, owner].
constexpr bool owns(Key predecessor, Key key, Key owner) noexcept {
  return key == owner || between(predecessor, key, owner);
}

// The ring of 2^bits keys, bits from 8 to 64.
class KeySpace {
 public:
  constexpr explicit KeySpace(unsigned bits) noexcept : mask_(bits >= 64 ? ~0ULL : (1ULL << bits) - 1) {}

  constexpr Key wrap(std::uint64_t value) const noexcept { return Key{value & mask_}; }
  constexpr bool contains(Key key) const noexcept { return (key.value & ~mask_) == 0; }
  // Steps clockwise from one key to the other.
  constexpr std::uint64_t distance(Key from, Key to) const noexcept { return (to.value - from.value) & mask_; }
  // Where finger `exponent` of a node begins: 2^exponent steps clockwise.
  constexpr Key finger_start(Key node, unsigned exponent) const noexcept {
    return wrap(node.value + (1ULL << exponent));
  }
  constexpr unsigned bits() const noexcept { return static_cast<unsigned>(std::bit_width(mask_)); }

 private:
  std::uint64_t mask_;
};

// The key of a named value or node.
inline Key key_of_name(std::string_view name, KeySpace space) noexcept {
  return space.wrap(hash_bytes(std::as_bytes(std::span(name.data(), name.size()))));
}

}  // namespace peerbed::ring
