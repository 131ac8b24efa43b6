#include "protocols/swarm/files/walk.h"

#include <algorithm>
#include <numeric>

#include "protocols/swarm/link/context.h"

namespace peerbed::swarm {

Walk::Walk(Environment& environment, const PeerList& list) {
  const std::uint64_t size = std::max<std::size_t>(list.size(), 1);
  start_ = environment.draw_below(draw_walk, size);
  step_ = 1 + environment.draw_below(draw_walk, size);
  while (std::gcd(step_, size) != 1) ++step_;
}

Address Walk::next(const PeerList& list) noexcept {
  if (is_over(list)) return Address{};
  return list[(start_ + step_ * done_++) % list.size()];
}

}  // namespace peerbed::swarm
