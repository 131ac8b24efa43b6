#pragma once
// The ring of protocols/coursework as a scenario protocol: its options, its peers' positions, its checks.

#include <memory>

#include "scenarios/protocol/protocol.h"

namespace peerbed::scenarios {

// "coursework". A group's options are those of coursework::Options by their names there, and
//   identifiers: [2, 4, 5]   the ids of the group's peers, which are then called "peer 2" and so on; drawn when absent
//   known: 4                 the peer through which they join
std::shared_ptr<const Protocol> coursework_protocol();

}  // namespace peerbed::scenarios
