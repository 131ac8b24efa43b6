#include "tests/catch.h"
#include "tests/ring/ring_world.h"

using namespace peerbed;
using namespace peerbed::ring;
using namespace std::chrono_literals;

namespace {

std::string name_of(int i) { return "file-" + std::to_string(i); }
Key key_of_file(int i) { return key_of_name(name_of(i), KeySpace(64)); }

void put_files(RingWorld& ring, int count) {
  for (int i = 0; i < count; ++i)
    ring.world().command(static_cast<NodeIndex>(i) % 10, "put " + name_of(i) + " content of " + name_of(i));
}

std::size_t successes(Journal& journal, TraceEvent event) {
  std::size_t count = 0;
  for (const auto& entry : journal.of(event)) count += entry.values[3] == 1;
  return count;
}

// All files are read back from one node, and are right.
void check_readable(RingWorld& ring, int count, NodeIndex reader) {
  ring.journal().clear();
  for (int i = 0; i < count; ++i) ring.world().command(reader, "get " + name_of(i));
  ring.run_for(60s);
  CHECK(successes(ring.journal(), TraceEvent::get_done) == static_cast<std::size_t>(count));
  std::size_t right = 0;
  for (int i = 0; i < count; ++i)
    for (const auto& line : ring.journal().lines()) right += line.text == name_of(i) + " = content of " + name_of(i);
  CHECK(right == static_cast<std::size_t>(count));
}

}  // namespace

TEST_CASE("a put is acknowledged when the owner and its next two successors hold the value") {
  RingWorld ring(quick_options(), 30, 30);
  ring.start_all();
  put_files(ring, 50);
  ring.run_for(5s);
  REQUIRE(successes(ring.journal(), TraceEvent::put_done) == 50);
  CHECK(ring.journal().of(TraceEvent::value_acknowledged).size() == 50);
  for (int i = 0; i < 50; ++i) {
    CHECK(ring.holders(key_of_file(i)) == 3);
    CHECK(ring.node(ring.owner(key_of_file(i))).holds(key_of_file(i)));
  }
  check_readable(ring, 50, 17);
}

TEST_CASE("at the instant of an acknowledgement all three holders have the value, whatever was lost before") {
  RingWorld ring(quick_options(), 20, 20);
  ring.set_network(20ms, 0.2);
  ring.start_all();
  std::size_t acknowledged = 0;
  put_files(ring, 30);
  for (int step = 0; step < 60'000 && acknowledged < 30; ++step) {
    ring.run_for(1ms);
    const auto& acknowledgements = ring.journal().of(TraceEvent::value_acknowledged);
    for (; acknowledged < acknowledgements.size(); ++acknowledged)
      CHECK(ring.holders(Key{acknowledgements[acknowledged].values[0]}) >= 3);
  }
  CHECK(acknowledged == 30);
}

TEST_CASE("a later put of the same name wins everywhere") {
  RingWorld ring(quick_options(), 12, 12);
  ring.start_all();
  ring.world().command(1, "put name one");
  ring.run_for(3s);
  ring.world().command(2, "put name two");
  ring.run_for(3s);
  ring.world().command(3, "get name");
  ring.run_for(3s);
  CHECK(ring.journal().lines().back().text == "name = two");
}

TEST_CASE("a get of what was never put says that it was not found") {
  RingWorld ring(quick_options(), 12, 12);
  ring.start_all();
  ring.world().command(3, "get nothing");
  ring.run_for(20s);
  REQUIRE(ring.journal().lines().size() == 1);
  CHECK(ring.journal().lines()[0].text == "nothing was not found");
  CHECK(ring.node(3).pending_operations() == 0);
}

TEST_CASE("values survive the crash of two of their three holders at once") {
  RingWorld ring(quick_options(), 30, 30);
  ring.start_all();
  put_files(ring, 60);
  ring.run_for(5s);
  const std::vector<Contact> members = ring.live_members();
  for (const std::size_t place : {4u, 5u, 14u, 15u, 24u, 25u})
    ring.world().crash(sim::node_at(members[place].address), Disk::wipe);
  ring.run_for(30s);
  CHECK(ring.flaw() == "");
  for (int i = 0; i < 60; ++i) CHECK(ring.holders(key_of_file(i)) == 3);
  check_readable(ring, 60, sim::node_at(members[10].address));
}

TEST_CASE("values move to those who join, and are dropped by those who hold them no longer") {
  RingWorld ring(quick_options(), 40, 12);
  for (NodeIndex i = 0; i < 12; ++i) ring.world().start(i);
  put_files(ring, 60);
  ring.run_for(5s);
  REQUIRE(successes(ring.journal(), TraceEvent::put_done) == 60);
  for (NodeIndex i = 12; i < 40; ++i) ring.world().start(i);
  ring.run_for(60s);
  CHECK(ring.flaw() == "");
  for (int i = 0; i < 60; ++i) {
    CHECK(ring.node(ring.owner(key_of_file(i))).holds(key_of_file(i)));
    CHECK(ring.holders(key_of_file(i)) == 3);
  }
  check_readable(ring, 60, 33);
}

TEST_CASE("values survive when all but a few leave gracefully, one after the other, without replicas") {
  Options options = quick_options();
  options.replicas = 1;
  RingWorld ring(options, 20, 20);
  ring.start_all();
  put_files(ring, 40);
  ring.run_for(5s);
  const double loss = GENERATE(0.0, 0.2);
  ring.set_network(20ms, loss);
  for (NodeIndex i = 10; i < 18; ++i) {
    ring.world().leave(i);
    ring.run_for(5s);
  }
  ring.set_network(20ms);
  ring.run_for(20s);
  CHECK(ring.journal().of(TraceEvent::left).size() == 8);
  CHECK(ring.flaw() == "");
  check_readable(ring, 40, 5);
}

TEST_CASE("what a crash left on the disk is of use when all holders restart") {
  RingWorld ring(quick_options(), 10, 10);
  ring.start_all();
  put_files(ring, 20);
  ring.run_for(5s);
  for (NodeIndex i = 1; i < 10; ++i) ring.world().crash(i, Disk::keep);
  ring.run_for(30s);
  for (NodeIndex i = 1; i < 10; ++i) ring.world().start(i);
  ring.run_for(60s);
  CHECK(ring.flaw() == "");
  check_readable(ring, 20, 3);
}

TEST_CASE("puts and gets over a lossy network succeed") {
  RingWorld ring(quick_options(), 30, 30);
  ring.set_network(20ms, 0.1);
  ring.start_all();
  put_files(ring, 50);
  ring.run_for(60s);
  CHECK(successes(ring.journal(), TraceEvent::put_done) == 50);
  check_readable(ring, 50, 7);
}
