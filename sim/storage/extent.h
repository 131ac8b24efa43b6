#pragma once
// Bytes by reference: a range of an immutable origin. An origin is literal bytes, or a synthetic file whose bytes are a
// function of its seed and the offset. A synthetic file takes no memory; its bytes are made only to be hashed or read.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace peerbed::sim {

struct Extent {
  std::shared_ptr<const std::vector<std::byte>> literal;  // null: synthetic
  std::uint64_t seed = 0;                                 // of a synthetic origin; 0: its bytes are zeros
  std::uint64_t offset = 0;                               // in the origin
  std::uint64_t size = 0;                                 // bytes
  std::uint64_t damage = 0;                               // 0: as the origin has them; else each byte is wrong
  friend bool operator==(const Extent&, const Extent&) = default;
};

Extent literal_extent(std::vector<std::byte> bytes);
Extent synthetic_extent(std::uint64_t seed, std::uint64_t offset, std::uint64_t size);

// A part of an extent.
Extent part_of(const Extent& whole, std::uint64_t begin, std::uint64_t size);
// Whether `second` goes on where `first` ends.
bool continues(const Extent& first, const Extent& second) noexcept;
// Harms every byte, again if need be; `mark` is not 0. Differently marked extents have different bytes, as a rule.
void harm(Extent& extent, std::uint64_t mark) noexcept;
// Writes the first out.size() bytes to `out`.
void materialise(const Extent& extent, std::span<std::byte> out);

}  // namespace peerbed::sim
