#pragma once
// Pieces that the other side of a link was advised to fetch, and neither asked for nor has; at most eight.

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <tuple>

#include "protocols/environment/contract.h"

namespace peerbed::swarm {

class Advice {
 public:
  static constexpr std::size_t maximum = 8;

  bool empty() const noexcept { return count_ == 0; }
  std::size_t size() const noexcept { return count_; }
  std::span<const std::uint32_t> pieces() const noexcept { return {pieces_.data(), count_}; }

  void add(std::uint32_t piece) noexcept {
    PEERBED_CONTRACT(count_ < maximum, "the advice to one peer is limited");
    pieces_[count_++] = piece;
  }
  // Takes out those for which `is_over(piece)`.
  template <class Condition>
  void remove_if(Condition is_over) {
    const auto end = std::remove_if(pieces_.begin(), pieces_.begin() + count_, is_over);
    count_ = static_cast<std::uint8_t>(end - pieces_.begin());
  }
  // It is followed. False: it was not given.
  bool follow(std::uint32_t piece) noexcept {
    const auto end = pieces_.begin() + count_;
    const auto found = std::find(pieces_.begin(), end, piece);
    if (found == end) return false;
    std::copy(found + 1, end, found);
    --count_;
    return true;
  }

  auto fields() const { return std::tie(pieces_, count_); }

 private:
  std::array<std::uint32_t, maximum> pieces_{};
  std::uint8_t count_ = 0;
};

}  // namespace peerbed::swarm
