#include "scenarios/run/standard_protocols.h"

#include "scenarios/coursework/coursework_protocol.h"
#include "scenarios/kademlia/kademlia_protocol.h"
#include "scenarios/ring/ring_protocol.h"
#include "scenarios/swarm/swarm_protocol.h"
#include "scenarios/swim/swim_protocol.h"

namespace peerbed::scenarios {

Registry standard_protocols() {
  return {ring_protocol(), coursework_protocol(), kademlia_protocol(), swim_protocol(), swarm_protocol()};
}

}  // namespace peerbed::scenarios
