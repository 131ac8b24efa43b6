// A guest: it has members find the owner of a key, and deals with the holders as a member does. Nobody learns of it but
// as somebody who asks: it sends nothing that members tell one another, and answers nothing that they ask.

#include <algorithm>

#include "protocols/ring/node.h"

namespace peerbed::ring {

// The member that answered last is asked first; after a silence, the next one.
Contact Node::next_door(bool is_first) {
  Entry& entry = occasional_->entry;
  if (!is_first) entry.next_door = (entry.next_door + 1) % entry.doors.size();
  return {Key{}, entry.doors[entry.next_door]};
}

// Whatever the ring's own lookups are, a guest's are recursive: it has no table to go by.
void Node::ask_door(Environment& environment, Find find, bool is_first) {
  forward(environment, find, {}, {next_door(is_first), false});
}

// Each door is given one wait, a longer one in each further round, as long as the attempt at the lookup lasts.
void Node::try_next_door(Environment& environment, Relay relay) {
  rtt_.note_given_up(relay.hop.address, id_of_first_copy(relay.find.token) + 1, relay.asked);
  const bool is_awaited = std::any_of(lookups_.begin(), lookups_.end(),
                                      [&](const PendingLookup& lookup) { return lookup.id == relay.find.id; });
  if (!is_awaited) return;
  if (relay.find.timeouts < UINT8_MAX) ++relay.find.timeouts;
  // Of several finds that one door leaves unanswered the first one moves on, and the others follow it.
  const bool was_current = occasional_->entry.doors[occasional_->entry.next_door] == relay.hop.address;
  relay.hop = next_door(!was_current);
  relay.find.token = next_id();
  relay.asked = environment.now();
  relay.attempts = static_cast<std::uint8_t>(1 + relay.find.timeouts / occasional_->entry.doors.size());
  send_copy(environment, relay);
}

}  // namespace peerbed::ring
