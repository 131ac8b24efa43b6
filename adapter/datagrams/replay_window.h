#pragma once
// The sequence numbers already accepted from one sender. Each is accepted once, and none too far behind the highest
// (RFC 4303, section 3.4.3).

#include <array>
#include <cstddef>
#include <cstdint>

namespace peerbed::adapter {

class ReplayWindow {
 public:
  static constexpr std::uint64_t width = 1024;  // numbers: how far datagrams may overtake one another

  ReplayWindow() = default;
  // All numbers up to `highest` count as taken.
  explicit ReplayWindow(std::uint64_t highest) noexcept : highest_(highest) {
    taken_.fill(~std::uint64_t{0});
    taken_[highest / 64 % taken_.size()] >>= 63 - highest % 64;
  }

  // Takes a number, from 1 up. False if it was taken before, or is too old to tell.
  bool take(std::uint64_t number) noexcept {
    if (number > highest_) advance(number);
    if (number == 0 || highest_ - number >= width) return false;
    std::uint64_t& word = taken_[number / 64 % taken_.size()];
    const std::uint64_t bit = std::uint64_t{1} << (number % 64);
    if ((word & bit) != 0) return false;
    word |= bit;
    return true;
  }

 private:
  // Clears the words between the old highest number and the new one.
  void advance(std::uint64_t number) noexcept {
    const std::uint64_t words = number / 64 - highest_ / 64;
    for (std::uint64_t i = 1; i <= words && i <= taken_.size(); ++i) taken_[(highest_ / 64 + i) % taken_.size()] = 0;
    highest_ = number;
  }

  std::uint64_t highest_ = 0;
  // One more word than the width, because the window may begin in the middle of a word.
  std::array<std::uint64_t, width / 64 + 1> taken_{};
};

}  // namespace peerbed::adapter
