#pragma once
// How one end of a stream refers to the other, and a segment to both.

#include <cstdint>

namespace peerbed::sim {

// The slot that an end has in the table of its host's lane.
using EndIndex = std::uint32_t;
constexpr EndIndex no_end = UINT32_MAX;

// Slots are used again, and the lane decides which is free. A host numbers its ends from 1 on, so host and serial say
// for good which end is meant.
struct EndRef {
  EndIndex slot = 0;
  std::uint32_t serial = 0;  // 0: not known yet

  bool is_known() const noexcept { return serial != 0; }
  friend bool operator==(const EndRef&, const EndRef&) = default;
};

}  // namespace peerbed::sim
