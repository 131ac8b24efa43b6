#include "protocols/ring/routing/late_peers.h"

#include <algorithm>

namespace peerbed::ring {

// Its time ends when neighbours would have been heard twice: what is dead is out of the tables then, or shows again.
void LatePeers::note(const Context& context, Address peer, bool silent) {
  const auto known =
      std::find_if(peers_.begin(), peers_.end(), [peer](const LatePeer& entry) { return entry.address == peer; });
  if (known != peers_.end()) {
    silent = silent || known->silent;
    peers_.erase(known);
  }
  if (peers_.size() == maximum_late_peers) peers_.erase(peers_.begin());
  peers_.push_back({.address = peer, .until = context.now() + 2 * context.options.stabilize_period, .silent = silent});
}

void LatePeers::note_heard(Address peer) {
  std::erase_if(peers_, [peer](const LatePeer& entry) { return entry.address == peer; });
}

void LatePeers::pardon(Time now) {
  std::erase_if(peers_, [now](const LatePeer& entry) { return entry.until <= now; });
}

bool LatePeers::is_late(Address peer, bool only_silent) const noexcept {
  return std::any_of(peers_.begin(), peers_.end(),
                     [&](const LatePeer& entry) { return entry.address == peer && (entry.silent || !only_silent); });
}

}  // namespace peerbed::ring
