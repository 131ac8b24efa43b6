#pragma once
// What a node lends the parts that keep it in its ring and find owners, for tests that drive a part alone.

#include "protocols/ring/membership/overlay_context.h"
#include "tests/ring/part_surroundings.h"

namespace peerbed::ring {

// A member at key 100 whose predecessor is at 50, with successors at 200, 300 and 400. A round trip was measured: waits
// are as long as the options say, and over when they are judged.
class OverlaySurroundings : public PartSurroundings {
 public:
  RoutingTable table{Key{100}};
  Box<ColdState> cold;

  OverlaySurroundings() {
    rtt.note(successors.front().address, std::chrono::milliseconds(1));
    table.set_stage(Stage::member);
    table.set_predecessor(predecessor, now);
    table.adopt(options, successors.front(), std::span(successors).subspan(1));
  }
  OverlayContext overlay() { return {context(), table, retry_budget, cold, 7}; }
  RoutingContext routing() { return overlay().routing(); }
};

}  // namespace peerbed::ring
