#pragma once
// The addresses of peers that fell silent, or of those through which a node that is alone once came in. They may come
// back, perhaps as part of another ring after a partition. Each is tried for ever, after twice the time of the try
// before it, until it has answered several times.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <tuple>
#include <vector>

#include "protocols/ring/base/context.h"

namespace peerbed::ring {

class LostContacts {
 public:
  static constexpr std::size_t maximum_lost_contacts = 16;

  bool empty() const noexcept { return lost_.empty(); }
  // Of more than there is room for, who was tried most often gives way: it is the least likely to be back.
  void note(Time now, Address address);
  // Pings that which is due for the longest time, if one is.
  void try_one(const Context& context);
  // Whether a peer that answered was lost.
  bool take_answer(Address from);

  auto fields() const { return std::tie(lost_); }
  // Where waits have no lengths all are due whenever one is tried, and the order in which they are tried is left.
  template <class Form>
  void write_canonical(Form& form) const {
    if (form.is_timed()) return form.add(lost_);
    std::vector<LostContact> in_turn = lost_;
    std::stable_sort(in_turn.begin(), in_turn.end(),
                     [](const LostContact& one, const LostContact& other) { return one.due < other.due; });
    form.add(static_cast<std::uint8_t>(in_turn.size()));
    for (const LostContact& lost : in_turn) form.add(lost.address, static_cast<std::uint8_t>(lost.answers));
  }

 private:
  struct LostContact {
    Address address;
    std::uint32_t tries = 0;
    std::uint32_t answers = 0;
    Time due;  // the next try
    auto fields() const { return std::tie(address, tries, answers, due); }
  };

  std::vector<LostContact> lost_;
};

}  // namespace peerbed::ring
