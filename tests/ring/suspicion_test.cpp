// Zave's proof assumes that only dead nodes are declared dead. Here answers take longer than a node waits for them.

#include <algorithm>

#include "tests/catch.h"
#include "tests/ring/ring_world.h"
#include "tests/ring/zave_overlay.h"

using namespace peerbed;
using namespace peerbed::ring;
using namespace std::chrono_literals;

namespace {

// The members and their best successors as seen by the checker of the models, which numbers nodes clockwise.
zave::Properties broken_properties(const RingWorld& ring) {
  const std::vector<Contact> members = ring.live_members();
  zave::Overlay overlay;
  overlay.best.fill(zave::nobody);
  for (std::size_t m = 0; m < members.size(); ++m) {
    overlay.members[m] = true;
    for (const Contact entry : ring.node(sim::node_at(members[m].address)).successors()) {
      const auto place = std::lower_bound(members.begin(), members.end(), entry);
      if (place == members.end() || *place != entry) continue;
      overlay.best[m] = static_cast<int>(place - members.begin());
      break;
    }
  }
  return zave::broken_properties(overlay);
}

// The effect of a minute of answers that take two to six seconds on a ring of six nodes, none of which fails.
struct SlowMinute {
  std::size_t suspected = 0;
  bool keeps_invariant = true;
  zave::Properties broken = 0;  // at any time
  std::string flaw;             // still there when the network has been fast again for a while
};

SlowMinute slow_minute(Duration rpc_timeout, std::uint64_t seed) {
  Options options = quick_options();
  options.successor_list_length = 2;
  options.rpc_timeout = rpc_timeout;
  RingWorld ring(options, 6, 6, seed);
  ring.start_all();
  ring.run_for(5s);
  SlowMinute minute;
  ring.set_network(2s);
  for (int step = 0; step < 600; ++step) {
    ring.run_for(100ms);
    minute.keeps_invariant = minute.keeps_invariant && ring.broken_invariant() == "";
    minute.broken |= broken_properties(ring);
  }
  minute.suspected = ring.journal().of(TraceEvent::peer_suspected).size();
  ring.set_network(20ms);
  ring.run_for(60s);
  minute.flaw = ring.flaw();
  return minute;
}

}  // namespace

TEST_CASE(
    "answers slower than a suspicion break Zave's invariant and everything that she requires of a ring, but not for "
    "good") {
  zave::Properties broken = 0;
  for (const std::uint64_t seed : {1u, 2u, 3u}) {
    INFO("seed " << seed);
    const SlowMinute minute =
        slow_minute(20ms, seed);  // five waits, a third of a second in all, until an answer was measured
    CHECK(minute.suspected > 0);
    CHECK_FALSE(minute.keeps_invariant);
    CHECK(minute.flaw == "");
    broken |= minute.broken;
  }
  using namespace zave;
  CHECK(broken == (at_least_one_ring | at_most_one_ring | ordered_ring | connected_appendages));
}

TEST_CASE("with patience for the slowest answer no node is suspected and Zave's invariant holds") {
  for (const std::uint64_t seed : {1u, 2u, 3u}) {
    INFO("seed " << seed);
    const SlowMinute minute = slow_minute(500ms, seed);  // five waits, seven and a half seconds in total
    CHECK(minute.suspected == 0);
    CHECK(minute.keeps_invariant);
    CHECK(minute.broken == 0);
    CHECK(minute.flaw == "");
  }
}
