#include "analysis/statistics/occupancy.h"

#include <algorithm>
#include <bit>

namespace peerbed::analysis {
namespace {

__extension__ using Wide = __int128;

constexpr unsigned quantum_bits = 6;

std::size_t bucket_of(std::uint64_t level) noexcept {
  const std::uint64_t units = level >> quantum_bits;
  const auto width = static_cast<std::size_t>(std::bit_width(units));
  const std::size_t shift = std::max<std::size_t>(width, 4) - 4;
  return 8 * shift + static_cast<std::size_t>(units >> shift);
}

std::uint64_t lowest_in(std::size_t bucket) noexcept {
  const std::size_t shift = bucket < 16 ? 0 : bucket / 8 - 1;
  return static_cast<std::uint64_t>(bucket - 8 * shift) << (shift + quantum_bits);
}

}  // namespace

void Occupancy::add(std::uint64_t from, std::uint64_t to, Duration length) {
  const std::uint64_t low = std::min(from, to);
  const std::uint64_t high = std::max(from, to);
  maximum_ = std::max(maximum_, high);
  if (length <= Duration::zero()) return;
  const std::size_t last = bucket_of(high);
  if (nanoseconds_.size() <= last) nanoseconds_.resize(last + 1);
  std::int64_t left = length.count();
  total_ += left;
  for (std::size_t bucket = bucket_of(low); bucket < last; ++bucket) {
    const std::uint64_t inside = lowest_in(bucket + 1) - std::max(low, lowest_in(bucket));
    const auto time = static_cast<std::int64_t>(Wide{length.count()} * inside / (high - low));
    nanoseconds_[bucket] += time;
    left -= time;
  }
  nanoseconds_[last] += left;
}

std::uint64_t Occupancy::percentile(double share, Duration whole) const noexcept {
  auto wanted = static_cast<std::int64_t>(share * static_cast<double>(whole.count())) - (whole.count() - total_);
  if (wanted <= 0) return 0;
  for (std::size_t bucket = 0; bucket < nanoseconds_.size(); ++bucket) {
    const std::int64_t here = nanoseconds_[bucket];
    if (wanted > here) {
      wanted -= here;
      continue;
    }
    const std::uint64_t low = lowest_in(bucket);
    const auto width = static_cast<Wide>(lowest_in(bucket + 1) - low);
    return std::min(low + static_cast<std::uint64_t>(width * wanted / std::max<std::int64_t>(here, 1)), maximum_);
  }
  return maximum_;
}

}  // namespace peerbed::analysis
