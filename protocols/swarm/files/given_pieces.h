#pragma once
// How often this peer gave each piece of a file: began to send it, or advised somebody to fetch it. What came to
// nothing is withdrawn.

#include <cstdint>
#include <tuple>
#include <vector>

namespace peerbed::swarm {

class GivenPieces {
 public:
  GivenPieces() = default;
  explicit GivenPieces(std::uint32_t pieces) : counts_(pieces) {}

  unsigned count(std::uint32_t piece) const noexcept { return counts_[piece]; }
  // A count that is at its maximum stays there.
  void add(std::uint32_t piece) noexcept {
    if (counts_[piece] < UINT16_MAX) ++counts_[piece];
  }
  void withdraw(std::uint32_t piece) noexcept {
    if (counts_[piece] > 0) --counts_[piece];
  }

  auto fields() const { return std::tie(counts_); }

 private:
  std::vector<std::uint16_t> counts_;
};

}  // namespace peerbed::swarm
