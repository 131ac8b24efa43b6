#pragma once
// A histogram of 64-bit values in bounded memory: exact below 256, then 128 buckets to each power of two, so that a
// percentile is within 0.8 % of the true one. Count, sum, minimum, maximum and mean are exact.

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace peerbed::analysis {

// So many values that are at most so large, and larger than the bar before says.
struct Bar {
  std::uint64_t at_most = 0;
  std::uint64_t count = 0;
  friend bool operator==(const Bar&, const Bar&) = default;
};

// Named quantities, and all values that each of them took: bars in ascending order.
using Distributions = std::map<std::string, std::vector<Bar>>;

class Histogram {
 public:
  void add(std::uint64_t value);

  std::uint64_t count() const noexcept { return count_; }
  std::uint64_t minimum() const noexcept { return count_ == 0 ? 0 : minimum_; }
  std::uint64_t maximum() const noexcept { return maximum_; }
  double sum() const noexcept { return static_cast<double>(sum_); }
  double mean() const noexcept { return count_ == 0 ? 0 : sum() / static_cast<double>(count_); }
  // Of the values as a sample (divisor n - 1); 0 for fewer than two.
  double standard_deviation() const noexcept;
  // The value below or at which a `share` (0 to 1) of all values lie: the nearest rank. 0 when empty.
  std::uint64_t percentile(double share) const noexcept;

  // All values, in ascending order; no bar is empty.
  std::vector<Bar> bars() const;

  // Adds all values of another histogram.
  void merge(const Histogram& other);

 private:
  __extension__ using Wide = unsigned __int128;

  static std::size_t bucket_of(std::uint64_t value) noexcept;
  static std::uint64_t highest_in(std::size_t bucket) noexcept;

  std::vector<std::uint64_t> buckets_;  // as long as the largest value needs, at most 7,424
  std::uint64_t count_ = 0;
  std::uint64_t minimum_ = UINT64_MAX;
  std::uint64_t maximum_ = 0;
  Wide sum_ = 0;
  double squares_ = 0;
};

}  // namespace peerbed::analysis
