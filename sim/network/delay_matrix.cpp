#include "sim/network/delay_matrix.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace peerbed::sim {

DelayMatrix::DelayMatrix(std::size_t size, std::vector<std::string> names) : size_(size), names_(std::move(names)) {
  if (size > maximum_size)
    throw std::invalid_argument("a delay matrix has at most " + std::to_string(maximum_size) + " sites, not " +
                                std::to_string(size));
  if (!names_.empty() && names_.size() != size)
    throw std::invalid_argument("a delay matrix of " + std::to_string(size) + " sites has as many names, not " +
                                std::to_string(names_.size()));
  delays_.resize(size * size);
}

void DelayMatrix::set(SiteIndex from, SiteIndex to, Duration delay) {
  PEERBED_CONTRACT(from < size_ && to < size_, "a site is one of the matrix");
  if (delay < Duration::zero() || delay > maximum_delay)
    throw std::invalid_argument("a delay is between 0 and 4.29 s, not " + std::to_string(delay.count()) + " ns");
  delays_[from * size_ + to] = static_cast<std::uint32_t>(delay.count());
}

std::optional<SiteIndex> DelayMatrix::find(std::string_view name) const noexcept {
  const auto found = std::find(names_.begin(), names_.end(), name);
  if (found == names_.end()) return std::nullopt;
  return static_cast<SiteIndex>(found - names_.begin());
}

}  // namespace peerbed::sim
