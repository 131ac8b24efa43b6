#include <cmath>

#include "tests/catch.h"
#include "tests/ring/ring_world.h"

using namespace peerbed;
using namespace peerbed::ring;
using namespace std::chrono_literals;

namespace {

// A ring that does nothing but look up: no stabilization within the time of a test.
Options lookups_only() {
  Options options;
  options.stabilize_period = 24h;
  options.check_predecessor_period = 24h;
  options.fix_finger_period = 0s;
  options.repair_period = 0s;
  options.lookup_period = 1s;
  return options;
}

struct LookupSummary {
  std::size_t count = 0;
  std::size_t failed = 0;
  double mean_hops = 0;
  double mean_timeouts = 0;
};

LookupSummary summary(Journal& journal) {
  LookupSummary lookups;
  for (const auto& entry : journal.of(TraceEvent::lookup_done)) {
    ++lookups.count;
    lookups.failed += entry.values[3] == 0;
    lookups.mean_hops += static_cast<double>(entry.values[0]);
    lookups.mean_timeouts += static_cast<double>(entry.values[2]);
  }
  lookups.mean_hops /= static_cast<double>(lookups.count);
  lookups.mean_timeouts /= static_cast<double>(lookups.count);
  return lookups;
}

}  // namespace

TEST_CASE("lookups of an ideal ring take half of log N hops, in each way of asking") {
  Options options = lookups_only();
  options.successor_list_as_fingers = false;
  SECTION("recursive, the predecessor answers") { options.acknowledge_hops = false; }
  SECTION("recursive, hop by hop confirmed") { options.acknowledge_hops = true; }
  SECTION("iterative") { options.lookup_mode = LookupMode::iterative; }
  RingWorld ring(options, 1024, 1024);
  ring.start_all();
  ring.run_for(10s);
  const LookupSummary lookups = summary(ring.journal());
  CHECK(lookups.count > 9000);
  CHECK(lookups.failed == 0);
  CHECK(lookups.mean_timeouts == 0);
  CHECK(std::abs(lookups.mean_hops - 5.85) < 0.1);
}

TEST_CASE("a ring without fingers looks none up, and finds go along the successors") {
  Options options = quick_options();
  options.fingers = false;
  RingWorld ring(options, 12, 8);
  ring.start_all();
  ring.run_for(30s);
  CHECK(ring.flaw().empty());
  for (NodeIndex node = 0; node < 12; ++node) {
    CHECK(ring.node(node).fingers().empty());
    CHECK(ring.node(node).pending_lookups() == 0);
  }
  ring.world().command(3, "lookup " + std::to_string(ring.contact(11).key.value));
  ring.run_for(2s);
  const auto& answered = ring.journal().of(TraceEvent::lookup_answered);
  REQUIRE(answered.size() == 1);
  CHECK(answered[0].values[1] == ring.contact(11).key.value);
}

TEST_CASE("twenty successors as fingers shorten the way as Stoica's formula says") {
  Options options = lookups_only();
  options.successor_list_length = 20;
  RingWorld ring(options, 1000, 1000);
  ring.start_all();
  ring.run_for(10s);
  CHECK(std::abs(summary(ring.journal()).mean_hops - 3.83) < 0.1);
}

TEST_CASE("lookups go around a dead fraction of nodes at the price that Stoica measured") {
  Options options = lookups_only();
  options.successor_list_length = 20;
  options.forget_silent_fingers = false;
  options.hop_attempts = 1;
  options.hop_timeout = 100ms;
  options.lookup_timeout = 20s;
  const LookupMode mode = GENERATE(LookupMode::recursive, LookupMode::iterative);
  const auto [failed, hops, timeouts] = GENERATE(std::tuple(0.1, 3.99, 0.51), std::tuple(0.3, 4.43, 2.05));
  options.lookup_mode = mode;
  RingWorld ring(options, 1000, 1000);
  ring.start_all();
  for (NodeIndex i = 0; i < static_cast<NodeIndex>(1000 * failed); ++i) ring.world().crash(i, Disk::keep);
  ring.run_for(15s);
  const LookupSummary lookups = summary(ring.journal());
  INFO("mode " << static_cast<int>(mode) << ", failed " << failed << ", hops " << lookups.mean_hops << ", timeouts "
               << lookups.mean_timeouts);
  CHECK(lookups.count > 5000);
  CHECK(lookups.failed == 0);
  CHECK(std::abs(lookups.mean_hops / hops - 1) < 0.1);
  CHECK(std::abs(lookups.mean_timeouts / timeouts - 1) < 0.25);
}

TEST_CASE("a lookup over a lossy network ends in success") {
  Options options = quick_options();
  options.lookup_period = 1s;
  options.lookup_mode = GENERATE(LookupMode::recursive, LookupMode::iterative);
  RingWorld ring(options, 60, 60);
  ring.set_network(20ms, 0.1);
  ring.start_all();
  ring.run_for(60s);
  const LookupSummary lookups = summary(ring.journal());
  CHECK(lookups.count > 3000);
  CHECK(lookups.failed == 0);
}

TEST_CASE("a lookup finds a newcomer of whom only the node after it has heard, or that node when it is gone again") {
  Options options = lookups_only();
  options.lookup_period = 0s;
  options.lookup_attempts = 1;
  options.lookup_timeout = 60s;
  options.lookup_mode = GENERATE(LookupMode::recursive, LookupMode::iterative);
  RingWorld ring(options, 31, 30);
  const Contact newcomer = ring.contact(30);
  ring.start_all();
  ring.run_for(5s);
  const auto look_up_newcomer = [&] {
    const std::string owner = std::to_string(ring.contact(ring.owner(newcomer.key)).key.value);
    ring.journal().clear();
    for (NodeIndex asker = 0; asker < 30; ++asker)
      ring.world().command(asker, "lookup " + std::to_string(newcomer.key.value));
    ring.run_for(61s);
    REQUIRE(ring.journal().lines().size() == 30);
    for (const auto& line : ring.journal().lines()) {
      INFO("node " << line.node << ": " << line.text);
      CHECK(line.text.find(" is node " + owner + " at ") != std::string::npos);
    }
  };
  look_up_newcomer();
  ring.world().crash(30, Disk::wipe);
  look_up_newcomer();
}

TEST_CASE("a lookup that nobody answers fails with a clear line") {
  Options options = quick_options();
  options.initial_timeout = 200ms;
  options.lookup_timeout = 1s;  // all attempts end before the node believes to be alone and answers for itself
  RingWorld ring(options, 8, 8);
  ring.set_network(20ms, 1);
  ring.start_all();
  const Key far = ring.node(3).successors()[3].key;
  ring.world().command(3, "lookup " + std::to_string(far.value));
  ring.run_for(120s);
  REQUIRE(ring.journal().of(TraceEvent::lookup_done).size() == 1);
  CHECK(ring.journal().of(TraceEvent::lookup_done)[0].values[3] == 0);
  REQUIRE(ring.journal().lines().size() == 1);
  CHECK(ring.journal().lines()[0].text == "The owner of key " + std::to_string(far.value) + " was not found");
}

TEST_CASE("fingers that a newcomer lacks are found by looking them up") {
  RingWorld world(quick_options(), 128, 127);
  world.start_all();
  world.run_for(60s);
  CHECK(world.flaw() == "");
  std::vector<Contact> members = world.live_members();
  const auto own = std::find(members.begin(), members.end(), world.contact(127)) - members.begin();
  const ring::Node ideal =
      ring::Node::converged(std::make_shared<const Options>(), members, static_cast<std::size_t>(own));
  const auto fingers = world.node(127).fingers();
  // The nearest fingers, within the reach of the first successor, need no lookup.
  for (const Contact finger : ideal.fingers().subspan(1))
    CHECK(std::find(fingers.begin(), fingers.end(), finger) != fingers.end());
}
