// Every interleaving of single messages between a tracker of the swarm and its peers: their lists agree in the end, and
// are never wrong on the way.

#include "tests/check/shipped/swarm_sessions.h"
#include "check/engine/explorer.h"
#include "protocols/swarm/trackers/tracker.h"
#include "tests/catch.h"
#include "tests/check/shipped/message_walk.h"

using namespace peerbed;
using namespace peerbed::check;

namespace {

void check_counts(const SwarmSessions& sessions, std::uint64_t states, std::uint64_t transitions, std::uint32_t depth) {
  const NodeSystem<SwarmNode, NodeForm<SwarmNode>> system(options_of(sessions), session_form());
  Explorer explorer(system, {.records_graph = true});
  const Exploration& found = explorer.run();
  CHECK(found.verdict() == Verdict::proved);
  CHECK(found.states == states);
  CHECK(found.transitions == transitions);
  CHECK(found.depth == depth);
  CHECK_FALSE(explorer.graph().divergence());
}

}  // namespace

TEST_CASE("the lists of two peers agree with their tracker's, whoever crashes and starts again") {
  check_counts({.peers = 2, .crashes = 1, .starts = 1}, 118'337, 401'023, 30);
}

TEST_CASE("the lists of two peers agree with their tracker's, whichever message is lost or doubled") {
  check_counts({.peers = 2, .drops = 1}, 23'439, 66'238, 29);
  check_counts({.peers = 2, .duplicates = 1}, 17'421, 54'804, 22);
}

TEST_CASE("the lists of peers agree with their tracker's after a crash and a loss, and with three peers",
          "[.nightly]") {
  check_counts({.peers = 2, .crashes = 1, .starts = 1, .drops = 1}, 1'231'222, 4'662'862, 41);
  check_counts({.peers = 2, .crashes = 1, .starts = 1, .duplicates = 1}, 1'197'362, 5'127'536, 34);
  check_counts({.peers = 2, .crashes = 2, .starts = 2}, 3'594'703, 15'513'621, 42);
  check_counts({.peers = 3}, 320'407, 1'246'950, 34);
}

TEST_CASE("sessions with a tracker go on as those do that stand for them") {
  const auto options = options_of(SwarmSessions{.crashes = Budget::any, .starts = Budget::any});
  CHECK(states_that_differ(options, session_form(), 4000, 1) == 0);
}
