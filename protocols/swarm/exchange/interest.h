#pragma once
// Telling the other side of a link whether this side wants anything. Interest is told at once; that it is over, when
// the other side gives a slot for nothing, or after a while: among peers that have much the same it comes and goes with
// every piece.

#include "protocols/swarm/link/context.h"

namespace peerbed::swarm {

inline void tell_interest(const Context& context, Link& link, bool interested) {
  link.interested = interested;
  context.say(link, Frame{.kind = interested ? FrameKind::interested : FrameKind::not_interested});
}

// After the other side has got a piece, or this side lost one. `is_fetched`: the download of the file is under way.
inline void update_interest(const Context& context, Link& link, bool is_fetched) {
  if (is_fetched && !link.interested && link.theirs.wanted() > 0) tell_interest(context, link, true);
}

inline void lose_interest(const Context& context, Link& link) {
  const bool is_over = link.theirs.is_known() && link.theirs.wanted() == 0 && link.requests.empty();
  if (link.interested && is_over) tell_interest(context, link, false);
}

}  // namespace peerbed::swarm
