#pragma once
// Who takes longer than usual to answer. A late peer may be slow or dead: nothing is concluded about it, but somebody
// else is asked as well ("hedged" as in Dean and Barroso, "The tail at scale", 2013), and goes before it until it is
// heard.

#include <cstddef>
#include <tuple>
#include <vector>

#include "protocols/ring/base/context.h"

namespace peerbed::ring {

// At most maximum_late_peers; the one noted longest ago gives way.
class LatePeers {
 public:
  static constexpr std::size_t maximum_late_peers = 64;

  // `silent`: a lookup has given the peer up.
  void note(const Context& context, Address peer, bool silent);
  void note_heard(Address peer);
  // Those that have had their time are given another chance.
  void pardon(Time now);
  bool is_late(Address peer, bool only_silent) const noexcept;

  auto fields() const { return std::tie(peers_); }

 private:
  struct LatePeer {
    Address address;
    Time until;  // it is given another chance
    bool silent = false;
    auto fields() const { return std::tie(address, until, silent); }
  };

  std::vector<LatePeer> peers_;
};

}  // namespace peerbed::ring
