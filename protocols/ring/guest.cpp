// A guest asks members to find the owner of a key, and deals with the holders as a member does. Others see it only as
// an asker: it sends nothing that members tell one another, and answers none of their questions.

#include <algorithm>

#include "protocols/ring/node.h"

namespace peerbed::ring {

// The member that answered last is asked first; after a silence, the next one.
Contact Node::next_bootstrap(bool is_first) {
  Entry& entry = cold_state_->entry;
  if (!is_first) entry.next_bootstrap = (entry.next_bootstrap + 1) % entry.bootstrap.size();
  return {Key{}, entry.bootstrap[entry.next_bootstrap]};
}

// A guest's lookups are recursive, whatever the ring's own are: it has no routing table.
void Node::ask_bootstrap_node(Environment& environment, Find find, bool is_first) {
  forward(environment, find, {}, {next_bootstrap(is_first), false});
}

// Each bootstrap node is given one wait, longer in each further round, until the lookup's attempt ends.
void Node::try_next_bootstrap_node(Environment& environment, Relay relay) {
  rtt_.note_given_up(relay.hop.address, id_of_first_copy(relay.find.token) + 1, relay.asked);
  const bool is_awaited = std::any_of(lookups_.begin(), lookups_.end(),
                                      [&](const PendingLookup& lookup) { return lookup.id == relay.find.id; });
  if (!is_awaited) return;
  if (relay.find.timeouts < UINT8_MAX) ++relay.find.timeouts;
  // If one bootstrap node leaves several finds unanswered, the first find moves on to the next node and the others
  // follow.
  const bool was_current = cold_state_->entry.bootstrap[cold_state_->entry.next_bootstrap] == relay.hop.address;
  relay.hop = next_bootstrap(!was_current);
  relay.find.token = next_id();
  relay.asked = environment.now();
  relay.attempts = static_cast<std::uint8_t>(1 + relay.find.timeouts / cold_state_->entry.bootstrap.size());
  send_copy(environment, relay);
}

}  // namespace peerbed::ring
