#pragma once
// How long a quantity of bytes, such as a queue, was at which level: a histogram of time in bounded memory. The
// quantity changes linearly between points. Buckets are 64 bytes wide below 1 KiB, and an eighth of a power of two
// above.

#include <cstdint>
#include <vector>

#include "protocols/environment/time.h"

namespace peerbed::analysis {

class Occupancy {
 public:
  // The level went from `from` to `to`, in bytes, within `length`.
  void add(std::uint64_t from, std::uint64_t to, Duration length);

  std::uint64_t maximum() const noexcept { return maximum_; }
  // The level that was not exceeded for a `share` (0 to 1) of `whole`; linear within a bucket, and never above the
  // maximum. What is left of `whole` counts as time at zero.
  std::uint64_t percentile(double share, Duration whole) const noexcept;

 private:
  std::vector<std::int64_t> nanoseconds_;  // per bucket
  std::int64_t total_ = 0;
  std::uint64_t maximum_ = 0;
};

}  // namespace peerbed::analysis
