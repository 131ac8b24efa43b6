#pragma once
// One-way delays between the sites of a network, separate for each direction. Measurements, topologies and maps are
// converted to this. Each entry takes four bytes, so a matrix of a few hundred sites stays in the processor's cache.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocols/environment/contract.h"
#include "protocols/environment/time.h"
#include "sim/core/types.h"

namespace peerbed::sim {

class DelayMatrix {
 public:
  static constexpr std::size_t maximum_size = 8192;     // sites: 256 MiB
  static constexpr Duration maximum_delay{UINT32_MAX};  // 4.29 s

  // All delays are 0. The sites have the given names, or none. Throws std::invalid_argument for more than maximum_size
  // sites, or if the number of names is neither `size` nor 0.
  explicit DelayMatrix(std::size_t size, std::vector<std::string> names = {});

  std::size_t size() const noexcept { return size_; }

  // The delay from one site to another. From a site to itself: between two hosts there.
  Duration operator()(SiteIndex from, SiteIndex to) const noexcept {
    PEERBED_CONTRACT(from < size_ && to < size_, "a site is one of the matrix");
    return Duration{delays_[from * size_ + to]};
  }
  // Throws std::invalid_argument for a delay outside [0, maximum_delay].
  void set(SiteIndex from, SiteIndex to, Duration delay);

  // Empty when the source gave none.
  const std::vector<std::string>& names() const noexcept { return names_; }
  std::optional<SiteIndex> find(std::string_view name) const noexcept;

  friend bool operator==(const DelayMatrix&, const DelayMatrix&) = default;

 private:
  std::size_t size_;
  std::vector<std::uint32_t> delays_;  // nanoseconds, row by row
  std::vector<std::string> names_;
};

}  // namespace peerbed::sim
