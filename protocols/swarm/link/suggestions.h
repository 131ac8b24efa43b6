#pragma once
// Pieces that a source would rather give than others, in the order in which it said so. At most eight wait; more are
// passed over.

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <tuple>

#include "protocols/environment/time.h"

namespace peerbed::swarm {

class Suggestions {
 public:
  void add(std::uint32_t piece, Time now) noexcept {
    spreads_ = true;
    last_ = now;
    if (count_ < pieces_.size()) pieces_[count_++] = piece;
  }
  // The first one, which is then gone.
  std::optional<std::uint32_t> take() noexcept {
    if (count_ == 0) return std::nullopt;
    const std::uint32_t piece = pieces_[0];
    std::copy(pieces_.begin() + 1, pieces_.end(), pieces_.begin());
    --count_;
    return piece;
  }
  void clear() noexcept { count_ = 0; }

  bool spreads() const noexcept { return spreads_; }  // the other side has suggested something, ever
  Time last() const noexcept { return last_; }

  auto fields() const { return std::tie(pieces_, count_, spreads_, last_); }

 private:
  std::array<std::uint32_t, 8> pieces_{};
  std::uint8_t count_ = 0;
  bool spreads_ = false;
  Time last_{};
};

}  // namespace peerbed::swarm
