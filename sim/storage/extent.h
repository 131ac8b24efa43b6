#pragma once
// Bytes by reference: a range of an immutable origin. An origin is literal bytes, or a synthetic file whose bytes are a
// function of its seed and the offset. A synthetic file takes no memory; its bytes are generated only to be hashed or
// read.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace peerbed::sim {

struct Extent {
  std::shared_ptr<const std::vector<std::byte>> literal;  // null: synthetic
  std::uint64_t seed = 0;                                 // of a synthetic origin; 0: all bytes are zero
  std::uint64_t offset = 0;                               // in the origin
  std::uint64_t size = 0;                                 // bytes
  std::uint64_t damage = 0;                               // 0: the origin's bytes; otherwise each byte is wrong
  friend bool operator==(const Extent&, const Extent&) = default;
};

Extent literal_extent(std::vector<std::byte> bytes);
Extent synthetic_extent(std::uint64_t seed, std::uint64_t offset, std::uint64_t size);

// Part of an extent.
Extent part_of(const Extent& whole, std::uint64_t begin, std::uint64_t size);
// Whether `second` continues where `first` ends.
bool continues(const Extent& first, const Extent& second) noexcept;
// Damages every byte, even if already damaged; `mark` is not 0. Extents with different marks have, in general,
// different bytes.
void harm(Extent& extent, std::uint64_t mark) noexcept;
// Writes the first out.size() bytes to `out`.
void materialise(const Extent& extent, std::span<std::byte> out);

}  // namespace peerbed::sim
