#include "tests/catch.h"
#include "tests/ring/ring_world.h"

using namespace peerbed;
using namespace peerbed::ring;
using namespace std::chrono_literals;

namespace {

constexpr NodeIndex members = 12;

// A ring of members that remembers the record of a name.
class Large {
 public:
  explicit Large(double loss = 0, Options options = quick_options()) : ring(options, members, members) {
    ring.set_network(5ms, loss);
    ring.start_all();
  }

  static std::string text(std::size_t size, char letter = 'a') { return std::string(size, letter); }

  void begin(const std::string& line, NodeIndex node = 1) { ring.world().command(node, line); }
  // What the node prints when it is done.
  std::string ask(const std::string& line, NodeIndex node = 1, Duration limit = 300s) {
    const std::size_t before = ring.journal().lines().size();
    begin(line, node);
    for (Duration waited{}; waited < limit && ring.journal().lines().size() == before; waited += 100ms)
      ring.run_for(100ms);
    const auto& lines = ring.journal().lines();
    return lines.size() == before ? "nothing" : lines[before].text;
  }
  // Values and tombstones at all nodes.
  std::size_t copies() const {
    std::size_t count = 0;
    for (NodeIndex i = 0; i < members; ++i) count += ring.node(i).value_count();
    return count;
  }
  std::size_t pending() const {
    std::size_t count = 0;
    for (NodeIndex i = 0; i < members; ++i) count += ring.node(i).pending_operations();
    return count;
  }

  RingWorld ring;
};

}  // namespace

TEST_CASE("a value of up to 1 MiB is stored in parts with three holders each, and fetched whole") {
  Large large(GENERATE(0.0, 0.05));
  const std::size_t size = GENERATE(1025u, 1984u, 100'000u, 1'048'576u);
  CHECK(large.ask("put big " + Large::text(size)) == "big is stored");
  const std::size_t parts = (size + part_size - 1) / part_size;
  CHECK(large.copies() == 3 * (parts + 1));
  CHECK(large.ask("get big", 7) == "big has " + std::to_string(size) + " bytes");
  CHECK(large.pending() == 0);
}

TEST_CASE("a value of 1024 bytes is one datagram, and one byte more than 1 MiB is refused") {
  Large large;
  CHECK(large.ask("put small " + Large::text(1024)) == "small is stored");
  CHECK(large.copies() == 3);
  CHECK(large.ask("get small", 4) == "small = " + Large::text(1024));
  CHECK(large.ask("put big " + Large::text(1'048'577)) ==
        "big cannot be stored: it has 1048577 bytes, and a value has at most 1048576");
  CHECK(large.copies() == 3);
}

TEST_CASE("a ring with few keys refuses values that take parts") {
  Options options = quick_options();
  options.key_bits = 16;
  Large large(0, options);
  CHECK(large.ask("put big " + Large::text(1025)) ==
        "big cannot be stored: it has 1025 bytes, and a value has at most 1024");
}

TEST_CASE("a value that looks like a record is a value like any other") {
  Large large;
  CHECK(large.ask(R"(put trap "\x00PBPREC1 and more")") == "trap is stored");
  CHECK(large.copies() == 6);
  CHECK(large.ask("get trap", 5) == R"(trap = "\x00PBPREC1 and more")");
  CHECK(large.ask(R"(put empty "")") == "empty is stored");
  CHECK(large.ask("get empty", 5) == "empty = ");
}

TEST_CASE("what replaces a large value takes its parts away, and a remove does") {
  Large large(GENERATE(0.0, 0.1));
  REQUIRE(large.ask("put big " + Large::text(50'000)) == "big is stored");
  const std::string next =
      GENERATE(std::string("put big small"), std::string("remove big"), "put big " + Large::text(3000));
  const std::size_t left = 3 * (next.size() > 1024 ? 5u : 1u);
  CHECK(large.ask(next) == (next.starts_with("put") ? "big is stored" : "big is removed"));
  large.ring.run_for(60s);
  INFO(next.substr(0, 20));
  CHECK(large.copies() == left);
  CHECK(large.pending() == 0);
}

TEST_CASE("a value that is replaced while it is fetched is one of both, whole") {
  Large large;
  REQUIRE(large.ask("put big " + Large::text(60'000)) == "big is stored");
  std::size_t old = 0;
  for (int i = 1; i <= 8; ++i) {
    const std::string before = "big has " + std::to_string(60'000 + i - 1) + " bytes";
    const std::string after = "big has " + std::to_string(60'000 + i) + " bytes";
    large.ring.journal().clear();
    large.begin("put big " + Large::text(60'000 + static_cast<std::size_t>(i), 'b'), 2);
    for (int k = 0; k < 20; ++k) {
      large.begin("get big", static_cast<NodeIndex>(3 + k % 8));
      large.ring.run_for(10ms);
    }
    large.ring.run_for(20s);
    REQUIRE(large.ring.journal().lines().size() == 21);
    for (const auto& line : large.ring.journal().lines()) {
      const bool is_whole = line.text == before || line.text == after || line.text == "big is stored";
      CHECK(is_whole);
      old += line.text == before;
    }
  }
  CHECK(old > 0);
}

TEST_CASE("of many who put one name at once one wins, and its value is whole") {
  Large large(0.1);
  for (NodeIndex i = 0; i < members; ++i) large.begin("put big " + Large::text(20'000 + i), i);
  large.ring.run_for(120s);
  CHECK(large.ring.journal().lines().size() == members);
  for (const auto& line : large.ring.journal().lines()) CHECK(line.text == "big is stored");
  const std::string winner = large.ask("get big", 3);
  CHECK(winner.starts_with("big has 200"));
  CHECK(large.ask("get big", 8) == winner);
  large.ring.run_for(60s);
  CHECK(large.copies() == 3 * 22);  // a record and 21 parts
}

TEST_CASE("a put that dies between its parts leaves the old value as it was") {
  Large large;
  REQUIRE(large.ask("put big " + Large::text(40'000)) == "big is stored");
  large.begin("put big " + Large::text(900'000), 2);
  large.ring.run_for(GENERATE(10ms, 50ms, 200ms));
  REQUIRE(large.pending() > 0);
  large.ring.world().crash(2, Disk::keep);
  large.ring.run_for(20s);
  CHECK(large.ask("get big", 5) == "big has 40000 bytes");
  CHECK(large.ask("put big " + Large::text(30'000), 6) == "big is stored");
  CHECK(large.ask("get big", 5) == "big has 30000 bytes");
}

TEST_CASE("a value that an owner alone knows of does not cost the old one its parts") {
  Large large;
  REQUIRE(large.ask("put big " + Large::text(40'000)) == "big is stored");
  const NodeIndex owner = large.ring.owner(key_of_name("big", KeySpace(64)));
  const auto successors = large.ring.node(owner).successors();
  const NodeIndex holders[] = {sim::node_at(successors[0].address), sim::node_at(successors[1].address)};
  NodeIndex asker = 0;
  while (asker == owner || asker == holders[0] || asker == holders[1]) ++asker;
  for (const NodeIndex holder : holders) large.ring.world().crash(holder, Disk::keep);
  large.begin("put big small", asker);
  large.ring.run_for(300ms);
  large.ring.world().crash(asker, Disk::wipe);
  large.ring.world().crash(owner, Disk::wipe);
  for (const NodeIndex holder : holders) large.ring.world().start(holder);
  large.ring.run_for(30s);
  CHECK(large.ask("get big", holders[0]) == "big has 40000 bytes");
}

TEST_CASE("a large value survives the crash of two holders of each part at once") {
  Large large;
  REQUIRE(large.ask("put big " + Large::text(200'000)) == "big is stored");
  const std::vector<Contact> ring = large.ring.live_members();
  for (const std::size_t place : {4u, 5u}) large.ring.world().crash(sim::node_at(ring[place].address), Disk::wipe);
  CHECK(large.ask("get big", sim::node_at(ring[0].address)) == "big has 200000 bytes");
}

TEST_CASE("a large value with a lifetime is gone with its parts") {
  Large large;
  REQUIRE(large.ask("put big " + Large::text(5000) + " --ttl 30s") == "big is stored");
  CHECK(large.ask("get big", 5) == "big has 5000 bytes");
  large.ring.run_for(40s);
  CHECK(large.ask("get big", 5) == "big was not found");
}

TEST_CASE("one node has so many large values under way, and refuses more") {
  Large large;
  for (std::size_t i = 0; i <= maximum_transfers; ++i)
    large.begin("put big" + std::to_string(i) + " " + Large::text(20'000));
  REQUIRE(large.ring.journal().lines().size() == 1);
  CHECK(large.ring.journal().lines()[0].text ==
        "big16 could not be stored: 16 large values are under way; try it again later");
  large.ring.run_for(60s);
  CHECK(large.ring.journal().lines().size() == maximum_transfers + 1);
  CHECK(large.copies() == 3 * 22 * maximum_transfers);
}
