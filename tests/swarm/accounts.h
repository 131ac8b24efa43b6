#pragma once
// Holds a peer's counters against what they count, as they are when a handler has ended.

#include <string>

#include "protocols/swarm/peer.h"

namespace peerbed::swarm {

// What is wrong with the counters of a peer's files and links; nothing when all is right.
std::string wrong_accounts(const Peer& peer);

}  // namespace peerbed::swarm
