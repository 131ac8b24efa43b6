#pragma once
// The built-in protocols.

#include "scenarios/protocol/protocol.h"

namespace peerbed::scenarios {

Registry standard_protocols();

}  // namespace peerbed::scenarios
