#pragma once
// The members that are suspected, and when each is to be taken for dead. The wait begins long and shrinks as others
// confirm the suspicion: a slow node, which hears of no confirmations, does not bury anybody in a hurry (Lifeguard,
// section IV.B).

#include <cstddef>
#include <optional>
#include <tuple>
#include <vector>

#include "protocols/environment/time.h"
#include "protocols/swim/messages.h"

namespace peerbed::swim {

constexpr Time never = Time::max();
constexpr std::size_t maximum_confirmations = 3;  // that shorten a wait: K

struct Suspicion {
  Address member{};
  Time begun{};
  Duration shortest{};                                       // with all confirmations
  Duration longest{};                                        // with none
  std::size_t confirmations = 0;                             // that are waited for
  BoundedList<Address, 1 + maximum_confirmations> accusers;  // the first suspected it, others confirmed

  Time deadline() const noexcept;
  auto fields() const { return std::tie(member, begun, shortest, longest, confirmations, accusers); }
};

class Suspicions {
 public:
  void add(const Suspicion& suspicion);
  // One more member suspects it. False if that does not matter: it did before, or enough others have.
  bool confirm(Address member, Address accuser) noexcept;
  void end(Address member);
  // Nothing if nobody is to be taken for dead yet.
  std::optional<Suspicion> take_overdue(Time now);
  Time earliest_deadline() const noexcept;

  auto fields() const { return std::tie(all_); }

 private:
  std::vector<Suspicion> all_;
};

// How many periods long a suspicion lasts at least, in thousandths, for a group of this size: max(1, log10 of the size,
// rounded up to a power of two).
std::int64_t suspicion_thousandths(std::size_t members) noexcept;

}  // namespace peerbed::swim
