#pragma once
// Identifiers of nodes and values: 160 bits, compared by the XOR metric (Maymounkov and Mazieres, "Kademlia", 2002).
// All functions are pure.

#include <bit>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>

#include "protocols/environment/hash.h"
#include "protocols/environment/random.h"

namespace peerbed::kademlia {

constexpr unsigned id_bits = 160;

struct Id {
  std::uint64_t high = 0;  // the first 64 bits, by which traces name it
  std::uint64_t middle = 0;
  std::uint32_t low = 0;

  static constexpr auto members = std::tuple(&Id::high, &Id::middle, &Id::low);
  friend constexpr auto operator<=>(const Id&, const Id&) = default;
  auto fields() const { return std::tie(high, middle, low); }
};

// How far two identifiers are apart: as an integer, their bitwise XOR.
constexpr Id distance(const Id& one, const Id& other) noexcept {
  return {one.high ^ other.high, one.middle ^ other.middle, one.low ^ other.low};
}

// Whether `one` is closer to `target` than `other` is.
constexpr bool is_closer(const Id& one, const Id& other, const Id& target) noexcept {
  return distance(one, target) < distance(other, target);
}

// How many leading bits two identifiers share: 160 if they are equal.
constexpr unsigned common_prefix(const Id& one, const Id& other) noexcept {
  const Id apart = distance(one, other);
  if (apart.high != 0) return static_cast<unsigned>(std::countl_zero(apart.high));
  if (apart.middle != 0) return 64 + static_cast<unsigned>(std::countl_zero(apart.middle));
  return 128 + static_cast<unsigned>(std::countl_zero(apart.low));
}

// The bit at this place, below 160, counted from the most significant one.
constexpr bool bit(const Id& id, unsigned place) noexcept {
  if (place < 64) return (id.high >> (63 - place) & 1) != 0;
  if (place < 128) return (id.middle >> (127 - place) & 1) != 0;
  return (id.low >> (159 - place) & 1) != 0;
}

// An identifier that shares exactly its first `prefix` bits, below 160, with `id`; the bits after these are those of
// `noise`.
Id with_prefix_of(const Id& id, unsigned prefix, const Id& noise) noexcept;

// An identifier that begins with these 64 bits. The rest is a hash of them.
constexpr Id expanded(std::uint64_t high) noexcept {
  return {high, key_of(high, 1), static_cast<std::uint32_t>(key_of(high, 2))};
}

// The key of a named value: a hash of the name, or the identifier itself if the name is one in 40 hexadecimal digits.
Id key_of_name(std::string_view name) noexcept;

// 40 hexadecimal digits.
std::string to_hex(const Id& id);
// Nothing for any other text.
std::optional<Id> from_hex(std::string_view text) noexcept;

}  // namespace peerbed::kademlia
