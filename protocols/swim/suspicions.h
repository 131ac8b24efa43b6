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
#include "protocols/swim/options.h"

namespace peerbed::swim {

constexpr Time never = Time::max();
constexpr std::size_t maximum_confirmations = 3;  // that shorten a wait: K

// How long suspicions last in a group of some size.
struct Patience {
  Duration shortest{};            // with all confirmations
  Duration longest{};             // with none
  std::size_t confirmations = 0;  // that are waited for; at most maximum_confirmations

  // For a group with so many members, this one and the suspect among them.
  static Patience of(const Options& options, std::size_t members) noexcept;
};

struct Suspicion {
  Address member{};
  Time begun{};
  BoundedList<Address, 1 + maximum_confirmations> accusers{};  // the first suspected it, others confirmed

  Time deadline(const Patience& patience) const noexcept;
  auto fields() const { return std::tie(member, begun, accusers); }
};

class Suspicions {
 public:
  void begin(Address member, Address accuser, Time now);
  // One more member suspects it. False if that does not matter: it did before, or enough others have.
  bool confirm(const Patience& patience, Address member, Address accuser) noexcept;
  void end(Address member);
  // The suspect that is to be taken for dead; nothing if there is none yet.
  std::optional<Address> take_overdue(const Patience& patience, Time now);
  Time earliest_deadline(const Patience& patience) const noexcept;

  auto fields() const { return std::tie(all_); }

 private:
  std::vector<Suspicion> all_;
};

}  // namespace peerbed::swim
