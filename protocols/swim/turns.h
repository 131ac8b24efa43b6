#pragma once
// Whose turn it is to be probed: all others in turn, in an order that is drawn anew for each round, so that each is
// probed at least once in any two rounds less one (section 4.3). A newcomer gets a random place.

#include <optional>
#include <tuple>
#include <vector>

#include "protocols/environment/environment.h"
#include "protocols/environment/message_codec.h"
#include "protocols/swim/options.h"

namespace peerbed::swim {

class Turns {
 public:
  void add(Environment& environment, Address member);
  void erase(Address member);
  // Nothing if there is nobody.
  std::optional<Address> next(Environment& environment);
  // Anybody.
  std::optional<Address> any(Environment& environment) const;
  // That many others than this one, or as many as there are.
  BoundedList<Address, maximum_proxies> some(Environment& environment, std::size_t count, Address except) const;

  auto fields() const { return std::tie(order_, next_); }

 private:
  std::vector<Address> order_;
  std::size_t next_ = 0;  // from here on, they are still to come in this round
};

}  // namespace peerbed::swim
