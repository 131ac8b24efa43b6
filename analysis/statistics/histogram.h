#pragma once
// A histogram of 64-bit values in bounded memory: exact below 256, then 128 buckets per power of two, so that a
// percentile is within 0.8 % of the true one. Count, sum, minimum, maximum and mean are exact.

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace peerbed::analysis {

// A number of values that are at most `at_most` and larger than the previous bar's.
struct Bar {
  std::uint64_t at_most = 0;
  std::uint64_t count = 0;
  friend bool operator==(const Bar&, const Bar&) = default;
};

// Named quantities, each with the values that it took: bars in ascending order.
using Distributions = std::map<std::string, std::vector<Bar>>;

class Histogram {
 public:
  void add(std::uint64_t value);

  std::uint64_t count() const noexcept { return count_; }
  std::uint64_t minimum() const noexcept { return count_ == 0 ? 0 : minimum_; }
  std::uint64_t maximum() const noexcept { return maximum_; }
  double sum() const noexcept { return static_cast<double>(sum_); }
  double mean() const noexcept { return count_ == 0 ? 0 : sum() / static_cast<double>(count_); }
  // Sample standard deviation (divisor n - 1); 0 for fewer than two values.
  double standard_deviation() const noexcept;
  // The value that a `share` (0 to 1) of all values does not exceed: nearest rank. 0 if empty.
  std::uint64_t percentile(double share) const noexcept;

  // All values in ascending order; no bar is empty.
  std::vector<Bar> bars() const;

  // Adds all values of another histogram.
  void merge(const Histogram& other);

 private:
  __extension__ using Wide = unsigned __int128;

  static std::size_t bucket_of(std::uint64_t value) noexcept;
  static std::uint64_t highest_in(std::size_t bucket) noexcept;

  std::vector<std::uint64_t> buckets_;  // sized for the largest value, at most 7,424
  std::uint64_t count_ = 0;
  std::uint64_t minimum_ = UINT64_MAX;
  std::uint64_t maximum_ = 0;
  Wide sum_ = 0;
  double squares_ = 0;
};

}  // namespace peerbed::analysis
