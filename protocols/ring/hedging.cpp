// Who takes longer than usual to answer. A late peer may be slow or dead: nothing is concluded about it, but somebody
// else is asked as well ("hedged" as in Dean and Barroso, "The tail at scale", 2013), and goes before it until it is
// heard.

#include <algorithm>

#include "protocols/ring/node.h"

namespace peerbed::ring {

// The wait for an answer before somebody else is asked as well: the usual timeout, without the floor of others. A guess
// that is too short costs a message.
Duration Node::hedge_delay() const noexcept {
  if (!hedges()) return never - time_zero;
  return rtt_.typical_timeout(options_->hedge_after, options_->hop_timeout);
}

// Its time ends when neighbours would have been heard twice: what is dead is out of the tables then, or shows again.
void Node::note_late(Time now, Address peer, bool silent) {
  if (!hedges()) return;
  auto& late = cold_state_.get_or_create().round_trips.get_or_create().late;
  const auto known =
      std::find_if(late.begin(), late.end(), [peer](const LatePeer& entry) { return entry.address == peer; });
  if (known != late.end()) {
    silent = silent || known->silent;
    late.erase(known);
  }
  if (late.size() == maximum_late_peers) late.erase(late.begin());
  late.push_back({.address = peer, .until = now + 2 * options_->stabilize_period, .silent = silent});
}

void Node::note_heard(Address peer) {
  if (!cold_state_ || !cold_state_->round_trips) return;
  cold_state_->round_trips->hears_others = true;
  const auto is_peer = [peer](const auto& entry) { return entry.address == peer; };
  std::erase_if(cold_state_->round_trips->late, is_peer);
  std::erase_if(cold_state_->round_trips->unheard, is_peer);
}

void Node::pardon_late_peers(Time now) {
  if (!cold_state_ || !cold_state_->round_trips) return;
  std::erase_if(cold_state_->round_trips->late, [now](const LatePeer& entry) { return entry.until <= now; });
}

bool Node::is_late(Contact contact, bool only_silent) const noexcept {
  if (!cold_state_ || !cold_state_->round_trips) return false;
  const auto& late = cold_state_->round_trips->late;
  return std::any_of(late.begin(), late.end(), [&](const LatePeer& entry) {
    return entry.address == contact.address && (entry.silent || !only_silent);
  });
}

}  // namespace peerbed::ring
