#pragma once
// A set of pieces, one bit each. On the wire, bit 0 is the highest bit of the first byte.

#include <bit>
#include <cstddef>
#include <cstdint>
#include <tuple>
#include <vector>

#include "protocols/environment/codec.h"

namespace peerbed::swarm {

class Bitfield {
 public:
  Bitfield() = default;
  explicit Bitfield(std::size_t size) : size_(size), words_((size + 63) / 64) {}

  std::size_t size() const noexcept { return size_; }
  bool test(std::size_t index) const noexcept { return (words_[index / 64] >> (index % 64) & 1) != 0; }
  // Both return whether anything changed.
  bool set(std::size_t index) noexcept {
    if (test(index)) return false;
    words_[index / 64] |= std::uint64_t{1} << (index % 64);
    return true;
  }
  bool clear(std::size_t index) noexcept {
    if (!test(index)) return false;
    words_[index / 64] &= ~(std::uint64_t{1} << (index % 64));
    return true;
  }
  std::size_t count() const noexcept {
    std::size_t count = 0;
    for (const std::uint64_t word : words_) count += static_cast<std::size_t>(std::popcount(word));
    return count;
  }
  bool full() const noexcept { return count() == size_; }
  std::uint64_t word(std::size_t index) const noexcept { return words_[index]; }
  std::size_t words() const noexcept { return words_.size(); }

  std::size_t encoded_size() const noexcept { return (size_ + 7) / 8; }
  void encode(Writer& writer) const noexcept;
  // Refuses, and stays as it was, when `bytes` is of another length or sets a bit past the end.
  bool decode(Bytes bytes) noexcept;

  friend bool operator==(const Bitfield&, const Bitfield&) = default;
  auto fields() const { return std::tie(size_, words_); }

 private:
  std::size_t size_ = 0;
  std::vector<std::uint64_t> words_;
};

}  // namespace peerbed::swarm
