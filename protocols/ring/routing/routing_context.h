#pragma once
// What the parts that find the way share while the node handles one input, and the steps of a way: which contact a find
// goes to next, and where it goes when that one is silent.

#include <tuple>

#include "protocols/ring/base/context.h"
#include "protocols/ring/base/retry_budget.h"
#include "protocols/ring/routing/late_peers.h"
#include "protocols/ring/routing/routing_table.h"

namespace peerbed::ring {

// How far a node has gone through the contacts that could bring a find closer to its key: backwards through those that
// precede the key, and forwards through the successors that may own it, first one way and then the other.
struct RouteCursor {
  Key limit;               // the contact tried last; at first the key itself, or the node when following
  bool following = false;  // forwards
  bool turned = false;     // the first way led nowhere
  bool late = false;       // so did the second: now the peers that were passed over as late have their turn
  auto fields() const { return std::tie(limit, following, turned, late); }
};

// Where a find goes next.
struct Step {
  Contact contact;     // unset if there is none
  bool owner = false;  // the contact is taken for the owner
};

// A view: to be made anew when a peer was noted as late.
struct RoutingContext : Context {
  const RoutingTable& table;
  const LatePeers* late;  // null if nobody is
  RetryBudget& retry_budget;

  // A cursor starts at the successors if one of them is known to own the key, otherwise at the contacts that precede
  // the key.
  RouteCursor begin_route(Key key) const noexcept {
    const bool following = table.knows_owner_of(options, key);
    return {.limit = following ? table.self() : key, .following = following};
  }
  // The next contact along the cursor, or none at its end. Late peers come after all others.
  Step next_step(Key key, RouteCursor& cursor) const noexcept;
  // Whether the predecessor was heard of lately.
  bool has_fresh_predecessor() const noexcept {
    return table.predecessor() && table.predecessor_heard() > now() - 2 * options.stabilize_period - backoff(1);
  }
};

}  // namespace peerbed::ring
