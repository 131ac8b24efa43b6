#include "scenarios/standard_protocols.h"

#include "scenarios/ring_protocol.h"
#include "scenarios/swarm_protocol.h"

namespace peerbed::scenarios {

Registry standard_protocols() { return {ring_protocol(), swarm_protocol()}; }

}  // namespace peerbed::scenarios
