#pragma once
// A running 64-bit digest of what happened at one host. It is one word, so it lies beside what every event touches, and
// hosts that run in different threads share none. Each step multiplies and folds two words, as wyhash does.

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace peerbed::sim {

class History {
 public:
  void add(std::uint64_t a, std::uint64_t b) noexcept {
    __extension__ using Wide = unsigned __int128;
    const Wide product = static_cast<Wide>(a ^ secret) * (b ^ value_);
    value_ = static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
  }
  // Adds no length: the caller adds it before the bytes.
  void add(std::span<const std::byte> bytes) noexcept {
    const std::byte* at = bytes.data();
    std::size_t left = bytes.size();
    for (; left >= 16; at += 16, left -= 16) add(word_at(at), word_at(at + 8));
    if (left == 0) return;
    if (bytes.size() >= 16) return add(word_at(at + left - 16), word_at(at + left - 8));  // the last ones once more
    std::uint64_t words[2] = {};
    std::memcpy(words, at, left);
    add(words[0], words[1]);
  }
  std::uint64_t value() const noexcept { return value_; }

 private:
  static constexpr std::uint64_t secret = 0xA0761D6478BD642FULL;

  static std::uint64_t word_at(const std::byte* bytes) noexcept {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes, sizeof word);
    return word;
  }

  std::uint64_t value_ = 0xE7037ED1A0B428DBULL;  // not 0: nothing is lost in the first product
};

}  // namespace peerbed::sim
