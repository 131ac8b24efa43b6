#include <algorithm>
#include <set>

#include "tests/catch.h"
#include "tests/ring/ring_world.h"

using namespace peerbed;
using namespace peerbed::ring;
using namespace std::chrono_literals;

TEST_CASE("an ideal ring stays as it is") {
  RingWorld ring(quick_options(), 50, 50);
  ring.start_all();
  CHECK(ring.flaw() == "");
  ring.run_for(30s);
  CHECK(ring.flaw() == "");
  CHECK(ring.journal().of(TraceEvent::peer_suspected).empty());
  CHECK(ring.journal().of(TraceEvent::successor_changed).empty());
}

TEST_CASE("a ring grows out of one node") {
  RingWorld ring(quick_options(), 6, 1);
  ring.world().start(0);
  ring.run_for(1s);
  CHECK(ring.flaw() == "");
  for (NodeIndex i = 1; i < 6; ++i) {
    ring.world().start(i);
    ring.run_for(10s);
    CHECK(ring.flaw() == "");
  }
  CHECK(ring.journal().of(TraceEvent::joined).size() == 5);
}

TEST_CASE("forty nodes that join ten at once find their places") {
  RingWorld ring(quick_options(), 50, 10);
  ring.start_all();
  ring.run_for(30s);
  CHECK(ring.flaw() == "");
}

TEST_CASE("the ring closes over crashed nodes and takes them in again") {
  RingWorld ring(quick_options(), 40, 40);
  ring.start_all();
  ring.run_for(5s);
  for (NodeIndex i = 3; i < 40; i += 3) ring.world().crash(i, Disk::keep);
  ring.run_for(30s);
  CHECK(ring.flaw() == "");
  for (NodeIndex i = 3; i < 40; i += 3) ring.world().start(i);
  ring.run_for(30s);
  CHECK(ring.flaw() == "");
}

// Within the time of these tests nobody stabilizes twice without a reason.
static Options slow_ring() {
  Options options = quick_options();
  options.stabilize_period = 1h;
  options.check_predecessor_period = 0s;
  return options;
}

TEST_CASE("who notified while the old predecessor was found dead takes its place at once") {
  RingWorld ring(slow_ring(), 10, 10);
  ring.start_all();
  const std::vector<Contact> members = ring.live_members();
  const auto host = [&](std::size_t place) { return sim::node_at(members[place].address); };
  ring.world().crash(host(4), Disk::wipe);
  while (ring.node(host(3)).successors().front() != members[5]) ring.run_for(10s);
  ring.run_for(10s);
  CHECK(ring.node(host(5)).predecessor() == members[3]);
}

TEST_CASE("a newcomer finds its place among those that joined just before it") {
  RingWorld ring(slow_ring(), 12, 2);
  ring.world().start(0);
  ring.world().start(1);
  ring.run_for(1s);
  std::vector<Contact> newcomers;
  for (NodeIndex i = 2; i < 12; ++i) newcomers.push_back(ring.contact(i));
  std::sort(newcomers.begin(), newcomers.end());
  for (auto last = newcomers.rbegin(); last != newcomers.rend(); ++last) {
    ring.world().start(sim::node_at(last->address));
    ring.run_for(1s);
    const std::vector<Contact> members = ring.live_members();
    const auto place = std::find(members.begin(), members.end(), *last);
    REQUIRE(place != members.end());
    const Contact next = std::next(place) == members.end() ? members.front() : *std::next(place);
    CHECK(ring.node(sim::node_at(last->address)).successors().front() == next);
  }
}

TEST_CASE("a graceful leave is repaired without anybody being suspected") {
  RingWorld ring(quick_options(), 20, 20);
  ring.start_all();
  ring.run_for(3s);
  for (NodeIndex i = 5; i < 10; ++i) {
    ring.world().leave(i);
    ring.run_for(3s);
  }
  ring.run_for(5s);
  CHECK(ring.flaw() == "");
  CHECK(ring.journal().of(TraceEvent::left).size() == 5);
  CHECK(ring.journal().of(TraceEvent::peer_suspected).empty());
}

TEST_CASE("a loss of ten percent kills nobody for good") {
  RingWorld ring(quick_options(), 30, 30);
  ring.set_network(20ms, 0.1);
  ring.start_all();
  ring.run_for(120s);
  CHECK(ring.journal().of(TraceEvent::peer_suspected).size() < 10);
  ring.set_network(20ms, 0);
  ring.run_for(15s);
  CHECK(ring.flaw() == "");
}

TEST_CASE("two rings that a partition made become one when it heals") {
  RingWorld ring(quick_options(), 24, 24);
  ring.start_all();
  ring.run_for(5s);
  std::vector<NodeIndex> odd;
  for (NodeIndex i = 1; i < 24; i += 2) odd.push_back(i);
  std::vector<NodeIndex> even;
  for (NodeIndex i = 0; i < 24; i += 2) even.push_back(i);
  ring.world().network().partition("halves", sim::NodeSet(even), sim::NodeSet(odd), false);
  ring.run_for(60s);
  CHECK(ring.flaw() != "");
  ring.world().network().heal("halves");
  ring.run_for(60s);
  CHECK(ring.flaw() == "");
}

TEST_CASE("a node that was isolated finds its way back") {
  RingWorld ring(quick_options(), 12, 12);
  ring.start_all();
  ring.run_for(5s);
  const NodeIndex one[] = {4};
  const NodeIndex others[] = {0, 1, 2, 3, 5, 6, 7, 8, 9, 10, 11};
  ring.world().network().partition("alone", sim::NodeSet(one), sim::NodeSet(others), false);
  ring.run_for(60s);
  ring.world().network().heal("alone");
  ring.run_for(60s);
  CHECK(ring.flaw() == "");
}
