#include "protocols/swim/turns.h"

#include <algorithm>
#include <utility>

#include "protocols/swim/purpose.h"

namespace peerbed::swim {

void Turns::add(Environment& environment, Address member) {
  const auto place = static_cast<std::size_t>(environment.draw_below(draw_order, order_.size() + 1));
  if (place < next_) ++next_;
  order_.insert(order_.begin() + static_cast<std::ptrdiff_t>(place), member);
}

void Turns::erase(Address member) {
  const auto found = std::find(order_.begin(), order_.end(), member);
  if (found == order_.end()) return;
  if (found - order_.begin() < static_cast<std::ptrdiff_t>(next_)) --next_;
  order_.erase(found);
}

std::optional<Address> Turns::next(Environment& environment) {
  if (order_.empty()) return std::nullopt;
  if (next_ >= order_.size()) {
    for (std::size_t i = order_.size(); i > 1; --i)
      std::swap(order_[i - 1], order_[static_cast<std::size_t>(environment.draw_below(draw_order, i))]);
    next_ = 0;
  }
  return order_[next_++];
}

std::optional<Address> Turns::any(Environment& environment) const {
  if (order_.empty()) return std::nullopt;
  return order_[static_cast<std::size_t>(environment.draw_below(draw_order, order_.size()))];
}

// They stand side by side: the order is a matter of chance already.
BoundedList<Address, maximum_proxies> Turns::some(Environment& environment, std::size_t count, Address except) const {
  BoundedList<Address, maximum_proxies> chosen;
  if (order_.empty()) return chosen;
  const auto first = static_cast<std::size_t>(environment.draw_below(draw_proxy, order_.size()));
  for (std::size_t i = 0; i < order_.size() && chosen.size() < count; ++i)
    if (const Address other = order_[(first + i) % order_.size()]; other != except) chosen.add(other);
  return chosen;
}

}  // namespace peerbed::swim
