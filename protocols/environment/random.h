#pragma once
// Keyed randomness: a draw is a function of (seed, node, purpose, number of earlier draws for it), never of the order
// in which the world happens to run. Two runs that differ in one fault draw the same numbers everywhere else.

#include <array>
#include <cstdint>

namespace peerbed {

// A strong 64-bit mixer (the finalizer of SplitMix64; Steele, Lea, Flood 2014).
constexpr std::uint64_t mix(std::uint64_t word) noexcept {
  word = (word ^ (word >> 30)) * 0xBF58476D1CE4E5B9ULL;
  word = (word ^ (word >> 27)) * 0x94D049BB133111EBULL;
  return word ^ (word >> 31);
}

// One key from several words; their order matters.
template <class... Words>
constexpr std::uint64_t key_of(std::uint64_t seed, Words... words) noexcept {
  std::uint64_t key = mix(seed + 0x9E3779B97F4A7C15ULL);
  ((key = mix(key + 0x9E3779B97F4A7C15ULL + static_cast<std::uint64_t>(words) * 0xD1342543DE82EF95ULL)), ...);
  return key;
}

// A uniform number in [0, 1) with 53 bits.
constexpr double to_unit(std::uint64_t draw) noexcept { return static_cast<double>(draw >> 11) * 0x1p-53; }

// A uniform integer in [0, bound) by multiplication (Lemire 2019, without rejection: a bias below bound / 2^64).
constexpr std::uint64_t to_below(std::uint64_t draw, std::uint64_t bound) noexcept {
  __extension__ using Wide = unsigned __int128;
  return static_cast<std::uint64_t>((static_cast<Wide>(draw) * bound) >> 64);
}

// A stream of draws under one key: the n-th draw depends only on the key and n.
class KeyedStream {
 public:
  constexpr explicit KeyedStream(std::uint64_t key) noexcept : key_(key) {}

  constexpr std::uint64_t next() noexcept { return mix(key_ + (++count_) * 0x9E3779B97F4A7C15ULL); }
  constexpr double unit() noexcept { return to_unit(next()); }
  constexpr std::uint64_t below(std::uint64_t bound) noexcept { return to_below(next(), bound); }

 private:
  std::uint64_t key_;
  std::uint64_t count_ = 0;
};

// Why a node draws; each purpose is its own sequence. A protocol numbers its purposes from 0.
constexpr std::size_t maximum_purposes = 8;
using DrawCounts = std::array<std::uint32_t, maximum_purposes>;

}  // namespace peerbed
