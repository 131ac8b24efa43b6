#include "analysis/statistics/histogram.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace peerbed::analysis {
namespace {

constexpr int sub_bits = 7;  // 128 buckets per power of two
constexpr std::uint64_t exact_below = std::uint64_t{2} << sub_bits;

}  // namespace

// Above exact_below a value keeps its leading 1 and the next sub_bits bits; the rest is rounded off.
std::size_t Histogram::bucket_of(std::uint64_t value) noexcept {
  if (value < exact_below) return static_cast<std::size_t>(value);
  const auto shift = static_cast<int>(std::bit_width(value)) - 1 - sub_bits;
  return (static_cast<std::size_t>(shift) << sub_bits) + static_cast<std::size_t>(value >> shift);
}

std::uint64_t Histogram::highest_in(std::size_t bucket) noexcept {
  if (bucket < exact_below) return bucket;
  const auto shift = static_cast<int>(bucket >> sub_bits) - 1;
  const std::uint64_t leading = bucket - (static_cast<std::uint64_t>(shift) << sub_bits);
  return ((leading + 1) << shift) - 1;
}

void Histogram::add(std::uint64_t value) {
  const std::size_t bucket = bucket_of(value);
  if (bucket >= buckets_.size()) buckets_.resize(bucket + 1);
  ++buckets_[bucket];
  ++count_;
  minimum_ = std::min(minimum_, value);
  maximum_ = std::max(maximum_, value);
  sum_ += value;
  squares_ += static_cast<double>(value) * static_cast<double>(value);
}

double Histogram::standard_deviation() const noexcept {
  if (count_ < 2) return 0;
  const auto n = static_cast<double>(count_);
  const double variance = (squares_ - n * mean() * mean()) / (n - 1);
  return variance > 0 ? std::sqrt(variance) : 0;
}

std::uint64_t Histogram::percentile(double share) const noexcept {
  if (count_ == 0) return 0;
  const double wanted = std::ceil(std::clamp(share, 0.0, 1.0) * static_cast<double>(count_));
  const auto rank = std::max<std::uint64_t>(1, static_cast<std::uint64_t>(wanted));
  std::uint64_t seen = 0;
  for (std::size_t bucket = 0; bucket < buckets_.size(); ++bucket) {
    seen += buckets_[bucket];
    if (seen >= rank) return std::clamp(highest_in(bucket), minimum_, maximum_);
  }
  return maximum_;
}

std::vector<Bar> Histogram::bars() const {
  std::vector<Bar> bars;
  for (std::size_t bucket = 0; bucket < buckets_.size(); ++bucket)
    if (buckets_[bucket] > 0) bars.push_back({std::min(highest_in(bucket), maximum_), buckets_[bucket]});
  return bars;
}

void Histogram::merge(const Histogram& other) {
  if (other.buckets_.size() > buckets_.size()) buckets_.resize(other.buckets_.size());
  for (std::size_t i = 0; i < other.buckets_.size(); ++i) buckets_[i] += other.buckets_[i];
  count_ += other.count_;
  minimum_ = std::min(minimum_, other.minimum_);
  maximum_ = std::max(maximum_, other.maximum_);
  sum_ += other.sum_;
  squares_ += other.squares_;
}

}  // namespace peerbed::analysis
