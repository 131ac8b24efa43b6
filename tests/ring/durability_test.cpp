// What is acknowledged stays, whatever happens inside the guarantee of docs/ring.md.

#include "tests/catch.h"
#include "tests/ring/ring_world.h"

using namespace peerbed;
using namespace peerbed::ring;
using namespace std::chrono_literals;

namespace {

std::string name_of(int i) { return "file-" + std::to_string(i); }
Key key_of_file(int i) { return key_of_name(name_of(i), KeySpace(64)); }

void put_files(RingWorld& ring, NodeIndex asker, int count) {
  for (int i = 0; i < count; ++i) ring.world().command(asker, "put " + name_of(i) + " content of " + name_of(i));
}

std::size_t successes(Journal& journal, TraceEvent event) {
  std::size_t count = 0;
  for (const auto& entry : journal.of(event)) count += entry.values[3] == 1;
  return count;
}

// Files that at least so many nodes hold: some may yet be about to drop their copies.
std::size_t complete_files(const RingWorld& ring, int count, std::size_t holders) {
  std::size_t complete = 0;
  for (int i = 0; i < count; ++i) complete += ring.holders(key_of_file(i)) >= holders;
  return complete;
}

// What a get of the name prints, asked by that node.
std::string line_of_get(RingWorld& ring, NodeIndex asker, const std::string& name) {
  ring.journal().clear();
  ring.world().command(asker, "get " + name);
  ring.run_for(20s);
  return ring.journal().lines().empty() ? "" : ring.journal().lines().back().text;
}

template <class Message>
std::uint64_t sent(RingWorld& ring) {
  return ring.world().sent_by_kind(0)[Message::kind.number].datagrams;
}

}  // namespace

TEST_CASE("values survive when one node after the other restarts within an instant and with an empty disk") {
  const std::size_t count = GENERATE(3u, 12u);
  const Duration absence = GENERATE(Duration(50ms), Duration(700ms), Duration(3s));
  RingWorld ring(quick_options(), count, count);
  ring.start_all();
  put_files(ring, 0, 60);
  ring.run_for(5s);
  REQUIRE(successes(ring.journal(), TraceEvent::put_done) == 60);
  for (int round = 0; round < 2; ++round)
    for (NodeIndex i = 0; i < count; ++i) {
      ring.world().crash(i, Disk::wipe);
      ring.run_for(absence);
      ring.world().start(i);
      ring.run_for(8s);
      CHECK(complete_files(ring, 60, 3) == 60);
    }
}

TEST_CASE("a restart with an empty disk is made good at once, not in the next period of repair") {
  Options options = quick_options();
  options.repair_period = 10min;
  const std::size_t count = GENERATE(3u, 12u);
  RingWorld ring(options, count, count);
  ring.start_all();
  put_files(ring, 0, 60);
  ring.run_for(5s);
  for (NodeIndex i = 0; i < count; ++i) {
    ring.world().crash(i, Disk::wipe);
    ring.run_for(50ms);
    ring.world().start(i);
    ring.run_for(12s);
    CHECK(complete_files(ring, 60, 3) == 60);
  }
}

TEST_CASE("values are soon with their owners when a crowd joins one node that holds them all") {
  RingWorld ring(quick_options(), 80, 1);
  ring.world().start(0);
  ring.run_for(100ms);
  put_files(ring, 0, 200);
  ring.run_for(1s);
  REQUIRE(successes(ring.journal(), TraceEvent::put_done) == 200);
  for (NodeIndex i = 1; i < 80; ++i) {
    ring.world().start(i);
    ring.run_for(100ms);
  }
  ring.run_for(60s);
  CHECK(complete_files(ring, 200, 3) == 200);
  ring.journal().clear();
  for (int i = 0; i < 200; ++i) ring.world().command(static_cast<NodeIndex>(i % 80), "get " + name_of(i));
  ring.run_for(20s);
  CHECK(successes(ring.journal(), TraceEvent::get_done) == 200);
}

TEST_CASE("a late copy of an old put changes nothing") {
  Options options = quick_options();
  options.rpc_attempts = 10;
  const std::uint64_t seed = GENERATE(range<std::uint64_t>(1, 40));
  RingWorld ring(options, 8, 8, seed);
  sim::PathConditions path;
  path.latency = sim::LatencyModel::uniform(10ms, 30ms);
  path.duplicate = 0.3;
  path.reorder = 0.3;
  path.reorder_delay = 4s;
  ring.world().network().set_default(path);
  ring.start_all();
  ring.world().command(1, "put name old");
  ring.run_for(2s);
  ring.world().command(2, "put name new");
  ring.run_for(30s);
  const bool is_acknowledged = successes(ring.journal(), TraceEvent::put_done) == 2;
  const auto& acknowledged = ring.journal().of(TraceEvent::value_acknowledged);
  if (!is_acknowledged || acknowledged.front().time > time_zero + 2s) return;  // they were concurrent
  for (NodeIndex asker = 3; asker < 6; ++asker) CHECK(line_of_get(ring, asker, "name") == "name = new");
}

TEST_CASE("a node that was away and comes back with an old value does not prevail over a newer one") {
  RingWorld ring(quick_options(), 12, 12);
  ring.start_all();
  ring.world().command(0, "put name old");
  ring.run_for(3s);
  const Key key = key_of_name("name", KeySpace(64));
  std::vector<NodeIndex> away;
  for (NodeIndex i = 1; i < 12; ++i)
    if (ring.node(i).holds(key)) away.push_back(i);
  for (const NodeIndex i : away) {
    ring.world().crash(i, Disk::keep);
    ring.run_for(10s);
  }
  ring.world().command(0, "put name new");
  ring.run_for(5s);
  for (const NodeIndex i : away) ring.world().start(i);
  for (const NodeIndex asker : {0u, 3u, 7u, 9u}) CHECK(line_of_get(ring, asker, "name") == "name = new");
  ring.run_for(30s);
  for (NodeIndex i = 0; i < 12; ++i)
    if (const auto stamp = ring.node(i).holds(key)) CHECK(*stamp == *ring.node(ring.owner(key)).holds(key));
}

TEST_CASE("a later put wins though the clock of its asker is behind") {
  RingWorld ring(quick_options(), 12, 12);
  ring.start_all();
  ring.world().set_clock(1, 20min, 0);
  ring.world().command(1, "put name fast");
  ring.run_for(3s);
  ring.world().command(2, "put name right");
  ring.run_for(3s);
  CHECK(successes(ring.journal(), TraceEvent::put_done) == 2);
  CHECK(line_of_get(ring, 3, "name") == "name = right");
}

TEST_CASE("a put whose stamp is too far ahead is refused") {
  RingWorld ring(quick_options(), 12, 12);
  ring.start_all();
  ring.world().set_clock(1, 2h, 0);
  ring.world().command(1, "put name fast");
  ring.run_for(120s);
  CHECK(successes(ring.journal(), TraceEvent::put_done) == 0);
  CHECK(ring.holders(key_of_name("name", KeySpace(64))) <= 1);  // the asker itself, had it been the owner
}

TEST_CASE("what is removed is gone, and an old copy does not bring it back") {
  RingWorld ring(quick_options(), 12, 12);
  ring.start_all();
  ring.world().command(0, "put name old");
  ring.run_for(3s);
  const Key key = key_of_name("name", KeySpace(64));
  const NodeIndex owner = ring.owner(key);
  const NodeIndex asker = owner == 0 ? 1 : 0;
  ring.world().crash(owner, Disk::keep);
  ring.run_for(20s);
  ring.journal().clear();
  ring.world().command(asker, "remove name");
  ring.run_for(3s);
  CHECK(ring.journal().lines().back().text == "name is removed");
  CHECK(line_of_get(ring, asker, "name") == "name was not found");
  ring.world().start(owner);
  for (const NodeIndex other : {3u, 7u, 9u}) CHECK(line_of_get(ring, other, "name") == "name was not found");
  ring.world().command(asker, "put name anew");
  ring.run_for(3s);
  CHECK(line_of_get(ring, 5, "name") == "name = anew");
}

TEST_CASE("a value with a lifetime is gone after it, and its tombstone in the end") {
  Options options = quick_options();
  options.tombstone_lifetime = 60s;
  RingWorld ring(options, 12, 12);
  ring.start_all();
  ring.world().command(0, "put name short --ttl 30s");
  ring.run_for(5s);
  CHECK(line_of_get(ring, 3, "name") == "name = short");
  ring.run_for(10s);
  CHECK(line_of_get(ring, 4, "name") == "name was not found");
  const Key key = key_of_name("name", KeySpace(64));
  CHECK(ring.holders(key) == 3);
  CHECK(ring.journal().of(TraceEvent::value_expired).size() <= 3);
  ring.run_for(90s);
  CHECK(ring.holders(key) == 0);
}

TEST_CASE("a lifetime that is none is refused") {
  RingWorld ring(quick_options(), 3, 3);
  ring.start_all();
  const char* line = GENERATE("put name x --ttl 0s", "put name x --ttl 1", "put name x --ttl soon", "put name --ttl 1h",
                              "put name x --ttl 99999999999d");
  ring.world().command(0, line);
  ring.run_for(3s);
  REQUIRE(ring.journal().lines().size() == 1);
  CHECK(ring.journal().lines()[0].text.starts_with("Usage: put NAME VALUE"));
}

TEST_CASE("repair of a complete store costs a question for each holder and period, however many values there are") {
  RingWorld ring(quick_options(), 10, 10);
  ring.start_all();
  for (int i = 0; i < 600; ++i) {
    ring.world().command(static_cast<NodeIndex>(i) % 10, "put " + name_of(i) + " x");
    ring.run_for(20ms);
  }
  ring.run_for(30s);
  REQUIRE(complete_files(ring, 600, 3) == 600);
  const std::uint64_t compared = sent<Compare>(ring);
  const std::uint64_t offered = sent<Offer>(ring);
  const std::uint64_t replicated = sent<Replicate>(ring);
  ring.run_for(20s);  // ten periods
  CHECK(sent<Compare>(ring) - compared <= 10 * 2 * 12);
  CHECK(sent<Offer>(ring) == offered);
  CHECK(sent<Replicate>(ring) == replicated);
}

TEST_CASE("a holder that lost everything is given all again at the speed of the link") {
  RingWorld ring(quick_options(), 3, 3);
  ring.start_all();
  for (int i = 0; i < 1000; ++i) {
    ring.world().command(0, "put " + name_of(i) + " x");
    ring.run_for(20ms);
  }
  ring.run_for(5s);
  REQUIRE(complete_files(ring, 1000, 3) == 1000);
  ring.world().crash(1, Disk::wipe);
  ring.run_for(100ms);
  ring.world().start(1);
  ring.run_for(15s);
  CHECK(complete_files(ring, 1000, 3) == 1000);
}

TEST_CASE("a record on the disk that is damaged, or of another format, is refused and erased") {
  const auto options = std::make_shared<const Options>(quick_options());
  ring::Node node = ring::Node::joining(options, Key{1}, {});
  DrawCounts draws{};
  Effects effects;
  Environment environment(time_zero, sim::address_of(0), 1, draws, effects);
  const std::size_t size = GENERATE(0u, 3u, 16u, 36u, 60u, 2000u);
  std::vector<std::byte> record(size, std::byte{1});
  node.on_content(environment, {.key = {5}, .bytes = record, .found = true});
  CHECK(node.value_count() == 0);
  REQUIRE(effects.all().size() == 1);
  CHECK(effects.all()[0].kind == EffectKind::erase_content);
}

TEST_CASE("an owner keeps the newer of two puts, whichever comes last") {
  ring::Node owner = ring::Node::joining(std::make_shared<const Options>(quick_options()), Key{1}, {});
  DrawCounts draws{};
  Effects effects;
  Environment environment(Time(10s), sim::address_of(0), 1, draws, effects);
  const auto put = [&](std::uint32_t id, std::uint64_t time, std::string_view text) {
    const Bytes bytes = std::as_bytes(std::span(text));
    const ValueState state{.stamp = {.time = time, .operation = id}, .until = ValueState::forever};
    const std::uint64_t checksum = hash_bytes(bytes, key_of(5, time, id, state.until));
    std::byte datagram[maximum_datagram_size];
    Writer writer(datagram);
    Put{.id = id, .key = Key{5}, .copy = {.state = state, .checksum = checksum, .bytes = {bytes}}}.encode(writer);
    owner.on_datagram(environment, sim::address_of(1), writer.written());
  };
  put(33, 2000, "newer");
  REQUIRE(owner.holds(Key{5}) == ValueStamp{2000, 33});
  put(65, 1000, "older");
  CHECK(owner.holds(Key{5}) == ValueStamp{2000, 33});
  put(97, 3000, "newest");
  CHECK(owner.holds(Key{5}) == ValueStamp{3000, 97});
}

TEST_CASE("a get gives the value to an owner that has lost it") {
  Options options = quick_options();
  options.repair_period = 0s;
  RingWorld ring(options, 6, 6);
  ring.start_all();
  ring.run_for(2s);
  put_files(ring, 0, 1);
  ring.run_for(2s);
  const Key key = key_of_file(0);
  const NodeIndex owner = ring.owner(key);
  ring.world().crash(owner, Disk::wipe);
  ring.world().start(owner);
  ring.run_for(20s);
  REQUIRE(ring.owner(key) == owner);
  REQUIRE_FALSE(ring.node(owner).holds(key));
  const NodeIndex asker = owner == 0 ? 1 : 0;
  CHECK(line_of_get(ring, asker, name_of(0)) == name_of(0) + " = content of " + name_of(0));
  CHECK(ring.node(owner).holds(key));
}
