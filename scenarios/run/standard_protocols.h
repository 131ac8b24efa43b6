#pragma once
// The protocols in the box.

#include "scenarios/protocol/protocol.h"

namespace peerbed::scenarios {

Registry standard_protocols();

}  // namespace peerbed::scenarios
