#pragma once
// The properties of a Kademlia network, as checks that run during any scenario; docs/kademlia.md says when each is
// promised.

#include "scenarios/kademlia/kademlia_members.h"

namespace peerbed::scenarios {

// At every look.
void check_tables(const KademliaMembers& members, CheckReport& report);
// Once it has been calm for long enough that each range was refreshed.
void check_subtrees(const KademliaMembers& members, CheckReport& report);

}  // namespace peerbed::scenarios
