// A guest: it has members find the owner of a key, and deals with the holders as a member does. Nobody learns of it but
// as somebody who asks: it sends nothing that members tell one another, and answers nothing that they ask.

#include <algorithm>

#include "protocols/ring/node.h"

namespace peerbed::ring {

// The member that answered last is asked first; after a silence, the next one.
Contact Node::next_bootstrap(bool is_first) {
  Entry& entry = cold_state_->entry;
  if (!is_first) entry.next_bootstrap = (entry.next_bootstrap + 1) % entry.bootstrap.size();
  return {Key{}, entry.bootstrap[entry.next_bootstrap]};
}

// Whatever the ring's own lookups are, a guest's are recursive: it has no table to go by.
void Node::ask_door(Environment& environment, Find find, bool is_first) {
  forward(environment, find, {}, {next_bootstrap(is_first), false});
}

// Each bootstrap node is given one wait, a longer one in each further round, as long as the attempt at the lookup
// lasts.
void Node::try_next_door(Environment& environment, Relay relay) {
  rtt_.note_given_up(relay.hop.address, id_of_first_copy(relay.find.token) + 1, relay.asked);
  const bool is_awaited = std::any_of(lookups_.begin(), lookups_.end(),
                                      [&](const PendingLookup& lookup) { return lookup.id == relay.find.id; });
  if (!is_awaited) return;
  if (relay.find.timeouts < UINT8_MAX) ++relay.find.timeouts;
  // Of several finds that one bootstrap node leaves unanswered the first one moves on, and the others follow it.
  const bool was_current = cold_state_->entry.bootstrap[cold_state_->entry.next_bootstrap] == relay.hop.address;
  relay.hop = next_bootstrap(!was_current);
  relay.find.token = next_id();
  relay.asked = environment.now();
  relay.attempts = static_cast<std::uint8_t>(1 + relay.find.timeouts / cold_state_->entry.bootstrap.size());
  send_copy(environment, relay);
}

}  // namespace peerbed::ring
