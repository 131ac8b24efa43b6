#include "sim/storage/extent.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "protocols/environment/random.h"

namespace peerbed::sim {

namespace {

// The bytes of a synthetic file are these words in little-endian order.
std::uint64_t synthetic_word(std::uint64_t seed, std::uint64_t index) noexcept {
  return seed == 0 ? 0 : mix(seed + (index + 1) * 0x9E3779B97F4A7C15ULL);
}

void synthesise(std::uint64_t seed, std::uint64_t offset, std::span<std::byte> out) {
  std::uint64_t index = offset / 8;
  std::size_t skipped = offset % 8;
  while (!out.empty()) {
    const std::uint64_t word = synthetic_word(seed, index++) >> (8 * skipped);
    const std::size_t count = std::min(out.size(), 8 - std::exchange(skipped, 0));
    std::memcpy(out.data(), &word, count);
    out = out.subspan(count);
  }
}

}  // namespace

Extent literal_extent(std::vector<std::byte> bytes) {
  Extent extent;
  extent.size = bytes.size();
  extent.literal = std::make_shared<const std::vector<std::byte>>(std::move(bytes));
  return extent;
}

Extent synthetic_extent(std::uint64_t seed, std::uint64_t offset, std::uint64_t size) {
  return {.literal = nullptr, .seed = seed, .offset = offset, .size = size, .damage = 0};
}

Extent part_of(const Extent& whole, std::uint64_t begin, std::uint64_t size) {
  Extent part = whole;
  part.offset += begin;
  part.size = size;
  return part;
}

bool continues(const Extent& first, const Extent& second) noexcept {
  return first.literal == second.literal && first.seed == second.seed && first.damage == second.damage &&
         first.offset + first.size == second.offset;
}

void harm(Extent& extent, std::uint64_t mark) noexcept {
  extent.damage = extent.damage == 0 ? mark : key_of(extent.damage, mark) | 1;
}

void materialise(const Extent& extent, std::span<std::byte> out) {
  if (extent.literal != nullptr)
    std::copy_n(extent.literal->begin() + static_cast<std::ptrdiff_t>(extent.offset), out.size(), out.begin());
  else
    synthesise(extent.seed, extent.offset, out);
  if (extent.damage == 0) return;
  // Changes every byte: adds one of 255 differences, drawn by the mark.
  const auto difference = static_cast<std::byte>(1 + to_below(mix(extent.damage), 255));
  for (std::byte& byte : out) byte ^= difference;
}

}  // namespace peerbed::sim
