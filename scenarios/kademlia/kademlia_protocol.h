#pragma once
// Kademlia as a scenario protocol: its options, its nodes' identifiers, its checks.

#include <memory>

#include "scenarios/protocol/protocol.h"

namespace peerbed::scenarios {

// "kademlia". A group's options are those of kademlia::Options by their names there.
std::shared_ptr<const Protocol> kademlia_protocol();

}  // namespace peerbed::scenarios
