#pragma once
// Which pieces of a file that lies on the disk are hashed next, in their order and a few at a time.

#include <algorithm>
#include <cstdint>
#include <optional>
#include <tuple>
#include <utility>

#include "protocols/environment/contract.h"
#include "protocols/swarm/base/bitfield.h"

namespace peerbed::swarm {

class HashQueue {
 public:
  static constexpr std::uint32_t hashed_at_once = 4;

  HashQueue() = default;
  explicit HashQueue(Bitfield pieces) : pieces_(std::move(pieces)) {}
  static HashQueue of_all(std::uint32_t pieces) {
    HashQueue queue{Bitfield(pieces)};
    for (std::uint32_t piece = 0; piece < pieces; ++piece) queue.pieces_.set(piece);
    return queue;
  }

  // The next piece to be hashed. Nothing: enough are, or none is left. Each is answered by note_hash().
  std::optional<std::uint32_t> next() noexcept {
    while (next_ < pieces_.size() && !pieces_.test(next_)) ++next_;
    if (under_way_ == hashed_at_once || next_ >= pieces_.size()) return std::nullopt;
    ++under_way_;
    return next_++;
  }
  void note_hash() noexcept {
    PEERBED_CONTRACT(under_way_ > 0, "a hash that is noted was asked for");
    --under_way_;
  }
  // What is left need not be hashed.
  void skip_rest() noexcept { next_ = static_cast<std::uint32_t>(pieces_.size()); }

  bool is_hashing() const noexcept { return under_way_ > 0; }
  const Bitfield& pieces() const noexcept { return pieces_; }

  auto fields() const { return std::tie(pieces_, next_, under_way_); }

 private:
  Bitfield pieces_{};
  std::uint32_t next_ = 0;
  std::uint32_t under_way_ = 0;
};

}  // namespace peerbed::swarm
