#pragma once
// A set of bytes of a stream, as disjoint ranges in order: bytes that arrived out of order, or were acknowledged
// selectively.

#include <cstdint>
#include <span>
#include <vector>

namespace peerbed::sim {

struct ByteRange {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;  // one past the last byte
  constexpr std::uint64_t size() const noexcept { return end - begin; }
  friend constexpr bool operator==(const ByteRange&, const ByteRange&) = default;
};

class ByteRanges {
 public:
  bool empty() const noexcept { return ranges_.empty(); }
  std::uint64_t bytes() const noexcept { return bytes_; }
  std::span<const ByteRange> all() const noexcept { return ranges_; }

  // Each returns how many bytes changed.
  std::uint64_t add(ByteRange range);
  std::uint64_t remove_below(std::uint64_t end);
  std::uint64_t remove(ByteRange range);

  // How many bytes of `range` are in the set.
  std::uint64_t covered(ByteRange range) const noexcept;
  // The index of the first range that ends after `at`.
  std::size_t first_behind(std::uint64_t at) const noexcept;
  void clear() noexcept {
    ranges_.clear();
    bytes_ = 0;
  }

 private:
  std::vector<ByteRange> ranges_;
  std::uint64_t bytes_ = 0;
};

}  // namespace peerbed::sim
