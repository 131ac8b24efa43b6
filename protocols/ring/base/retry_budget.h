#pragma once
// How many copies a node may send: as many as first sends, and a few in reserve. So copies cannot overwhelm a network
// that is too slow for its load (Beyer et al., "Site Reliability Engineering", 2016, chapter 22).

#include <algorithm>
#include <cstdint>
#include <tuple>

namespace peerbed::ring {

class RetryBudget {
 public:
  // Enough to go around all contacts of a node that have died at once, for the first finds that come its way.
  static constexpr std::uint8_t reserve = 250;

  void earn() noexcept { copies_ = copies_ < reserve ? static_cast<std::uint8_t>(copies_ + 1) : reserve; }
  // Whether one more copy may be sent, which is then paid for.
  bool spend() noexcept {
    if (copies_ == 0) return false;
    --copies_;
    return true;
  }

  auto fields() const { return std::tie(copies_); }
  // Only whether there are any matters: a plenty of them is not used up by a few nodes.
  template <class Form>
  void write_canonical(Form& form) const {
    form.add(std::min(copies_, plenty));
  }

 private:
  static constexpr std::uint8_t plenty = 100;

  std::uint8_t copies_ = reserve;
};

}  // namespace peerbed::ring
