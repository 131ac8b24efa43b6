// Small rings of keys: what is rare among 64 bits, such as a key that is a node's own or a wrap, is common here.

#include <algorithm>
#include <bit>
#include <set>

#include "tests/catch.h"
#include "tests/ring/ring_world.h"

using namespace peerbed;
using namespace peerbed::ring;
using namespace std::chrono_literals;

namespace {

Options small_keys(unsigned bits) {
  Options options = quick_options();
  options.key_bits = bits;
  return options;
}

// How the answer to a lookup begins.
std::string owner_line(const RingWorld& ring, Key key) {
  return "The owner of key " + std::to_string(key.value) + " is node " +
         std::to_string(ring.contact(ring.owner(key)).key.value) + " at ";
}

// So many names that differ in their keys.
std::vector<std::string> names_of_distinct_keys(std::size_t count, unsigned bits) {
  std::vector<std::string> names;
  std::set<Key> keys;
  for (int i = 0; names.size() < count; ++i) {
    const std::string name = "file-" + std::to_string(i);
    if (keys.insert(key_of_name(name, KeySpace(bits))).second) names.push_back(name);
  }
  return names;
}

bool has_line(const Journal& journal, const std::string& beginning) {
  const auto& lines = journal.lines();
  return std::any_of(lines.begin(), lines.end(), [&](const auto& line) { return line.text.starts_with(beginning); });
}

}  // namespace

TEST_CASE("a ring of few key bits takes joiners in and finds the owner of each key") {
  const unsigned bits = GENERATE(8u, 16u);
  Options options = small_keys(bits);
  options.lookup_mode = GENERATE(LookupMode::recursive, LookupMode::iterative);
  RingWorld ring(options, 60, 20);
  ring.start_all();
  ring.run_for(60s);
  CHECK(ring.flaw() == "");

  const KeySpace space(bits);
  std::vector<Key> keys = {Key{0}, space.wrap(~0ULL)};
  for (const Contact member : ring.live_members())
    for (const std::uint64_t step : {-1, 0, 1}) keys.push_back(space.wrap(member.key.value + step));
  ring.journal().clear();
  for (std::size_t i = 0; i < keys.size(); ++i)
    ring.world().command(static_cast<NodeIndex>(i % 60), "lookup " + std::to_string(keys[i].value));
  ring.run_for(10s);
  CHECK(ring.journal().lines().size() == keys.size());
  for (const Key key : keys) CHECK(has_line(ring.journal(), owner_line(ring, key)));
}

TEST_CASE(
    "a lookup in a ring that is full of nodes takes a hop for each bit of the distance to the key's predecessor") {
  Options options = small_keys(8);
  options.successor_list_as_fingers = false;
  RingWorld ring(options, 256, 256);
  ring.start_all();
  ring.run_for(1s);
  CHECK(ring.flaw() == "");
  CHECK(ring.node(0).fingers().size() == 8);
  std::uint64_t hops = 0;
  for (unsigned distance = 0; distance < 256; ++distance) {
    const Key key = KeySpace(8).wrap(ring.contact(0).key.value + distance);
    ring.world().command(0, "lookup " + std::to_string(key.value));
    hops += distance == 0 ? 0 : static_cast<unsigned>(std::popcount(distance - 1)) + 1;
    if (distance % 64 == 63) ring.run_for(2s);
  }
  std::uint64_t taken = 0;
  for (const auto& lookup : ring.journal().of(TraceEvent::lookup_done)) taken += lookup.values[0];
  CHECK(ring.journal().lines().size() == 256);
  CHECK(taken == hops);
}

TEST_CASE("a key beyond the ring's bits is refused, and the last one is not") {
  RingWorld ring(small_keys(8), 4, 4);
  ring.start_all();
  ring.world().command(1, "lookup 256");
  ring.world().command(1, "lookup 255");
  ring.run_for(2s);
  REQUIRE(ring.journal().lines().size() == 2);
  CHECK(ring.journal().lines()[0].text == "Usage: lookup KEY, a number on the ring");
  CHECK(has_line(ring.journal(), owner_line(ring, Key{255})));
}

TEST_CASE("values of a ring of few key bits survive crashes and move to joiners") {
  const unsigned bits = GENERATE(8u, 16u);
  const auto names = names_of_distinct_keys(40, bits);
  RingWorld ring(small_keys(bits), 40, 20);
  for (NodeIndex i = 0; i < 20; ++i) ring.world().start(i);
  for (const std::string& name : names) ring.world().command(3, "put " + name + " content of " + name);
  ring.run_for(10s);
  CHECK(ring.journal().of(TraceEvent::value_acknowledged).size() == names.size());

  const std::vector<Contact> members = ring.live_members();
  for (const std::size_t place : {4u, 5u, 14u, 15u})
    ring.world().crash(sim::node_at(members[place].address), Disk::wipe);
  ring.run_for(20s);
  for (NodeIndex i = 20; i < 40; ++i) ring.world().start(i);
  ring.run_for(60s);
  CHECK(ring.flaw() == "");
  for (const std::string& name : names) {
    const Key key = key_of_name(name, KeySpace(bits));
    CHECK(ring.node(ring.owner(key)).holds(key));
    CHECK(ring.holders(key) == 3);
  }

  ring.journal().clear();
  for (const std::string& name : names) ring.world().command(30, "get " + name);
  ring.run_for(20s);
  for (const std::string& name : names) CHECK(has_line(ring.journal(), name + " = content of " + name));
}
