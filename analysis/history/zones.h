#pragma once
// The zones of Gibbons and Korach 1997, "Testing shared memories" (SIAM Journal on Computing 26). A cluster is a put
// with the gets that returned its value. In an atomic history clusters take effect one after the other, so that of two
// clusters all operations of one can come before all of the other.

#include <cstddef>
#include <optional>
#include <span>
#include <utility>

#include "protocols/environment/time.h"

namespace peerbed::analysis {

struct Zone {
  Time first_answer = Time::max();
  Time last_invocation = Time::min();

  // Whether something in this cluster ended before something in the other began.
  bool must_precede(const Zone& other) const noexcept { return first_answer < other.last_invocation; }
  // Otherwise all its operations overlap, and it is a backward zone.
  bool is_forward() const noexcept { return must_precede(*this); }
};

// Two clusters each of which would have to come before the other. If there are none, and no get ended before its put
// began, then the history is atomic. O(n log n).
std::optional<std::pair<std::size_t, std::size_t>> contradiction(std::span<const Zone> zones);

}  // namespace peerbed::analysis
