// Every interleaving of single messages between a tracker of the swarm and its peers: their lists agree in the end, and
// are never wrong on the way.

#include "tests/check/shipped/swarm_sessions.h"
#include "protocols/swarm/trackers/tracker.h"
#include "tests/catch.h"
#include "tests/check/shipped/expected_counts.h"
#include "tests/check/shipped/message_walk.h"

using namespace peerbed;
using namespace peerbed::check;

namespace {

void check_sessions(const SwarmSessions& sessions, const Counts& expected) {
  check_counts(NodeSystem<SwarmNode, NodeForm<SwarmNode>>(options_of(sessions), session_form()), expected);
}

// The places of fields of a tracker.
constexpr std::size_t changes = 2;
constexpr std::size_t pushed = 3;
constexpr std::size_t remembered = 6;
constexpr std::size_t members = 7;

}  // namespace

TEST_CASE("the lists of two peers agree with their tracker's, whoever crashes and starts again") {
  check_sessions({.peers = 2, .crashes = 1, .starts = 1}, {118'337, 401'023, 30});
}

TEST_CASE("the lists of two peers agree with their tracker's, whichever message is lost or doubled") {
  check_sessions({.peers = 2, .drops = 1}, {23'439, 66'238, 29});
  check_sessions({.peers = 2, .duplicates = 1}, {17'421, 54'804, 22});
}

TEST_CASE("the lists of peers agree with their tracker's after a crash and a loss, and with three peers",
          "[.nightly]") {
  check_sessions({.peers = 2, .crashes = 1, .starts = 1, .drops = 1}, {1'231'222, 4'662'862, 41});
  check_sessions({.peers = 2, .crashes = 1, .starts = 1, .duplicates = 1}, {1'197'362, 5'127'536, 34});
  check_sessions({.peers = 2, .crashes = 2, .starts = 2}, {3'594'703, 15'513'621, 42});
  check_sessions({.peers = 3}, {320'407, 1'246'950, 34});
}

TEST_CASE("sessions with a tracker go on as those do that stand for them") {
  const auto options = options_of(SwarmSessions{.crashes = Budget::any, .starts = Budget::any});
  CHECK(states_that_differ(options, session_form(), 4000, 1) == 0);
  const auto forget = [](SwarmNode& node) {  // who is listed, which changes tell as well
    const swarm::Tracker* const tracker = node.tracker();
    if (tracker == nullptr) return;
    field_of<changes>(*tracker) = field_of<pushed>(*tracker) = 0;
    field_of<remembered>(*tracker).clear();
    field_of<members>(*tracker).clear();
  };
  CHECK(states_that_differ(options, ForgetfulForm<SwarmNode>{session_form(), forget}, 2000, 1) > 0);
}
