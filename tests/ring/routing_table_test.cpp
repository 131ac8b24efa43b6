#include "protocols/ring/routing/routing_table.h"

#include <algorithm>

#include "tests/catch.h"

using namespace peerbed;
using namespace peerbed::ring;
using namespace std::chrono_literals;

namespace {

Contact at(std::uint64_t key) { return {Key{key}, Address::ipv4(1, static_cast<std::uint16_t>(key + 1))}; }

std::vector<Contact> contacts(std::initializer_list<std::uint64_t> keys) {
  std::vector<Contact> list;
  for (const std::uint64_t key : keys) list.push_back(at(key));
  return list;
}

Options small_ring() {
  Options options;
  options.key_bits = 8;
  options.successor_list_length = 3;
  options.replicas = 2;
  return options;
}

std::vector<Contact> list_of(std::span<const Contact> span) { return {span.begin(), span.end()}; }

// Node 10 of an ideal ring.
RoutingTable ideal_table(const Options& options) {
  return RoutingTable::converged(options, contacts({10, 30, 60, 100, 150, 200}), 0);
}

}  // namespace

TEST_CASE("in an ideal ring a table has the next nodes, the one before, and each distinct finger once") {
  const RoutingTable table = ideal_table(small_ring());
  CHECK(table.is_member());
  CHECK(table.predecessor() == at(200));
  CHECK(list_of(table.successors()) == contacts({30, 60, 100}));
  CHECK(list_of(table.fingers().all()) == contacts({30, 60, 100, 150}));
}

TEST_CASE("a member without neighbours owns all keys, and one that is no member its own") {
  RoutingTable table(Key{10});
  CHECK(table.owns_key(Key{10}));
  CHECK_FALSE(table.owns_key(Key{11}));
  CHECK_FALSE(table.knows_own_range());
  table.set_stage(Stage::member);
  CHECK(table.is_alone());
  CHECK(table.owns_key(Key{11}));
  CHECK(table.own_range() == KeyRange{Key{10}, Key{10}});
  table.set_predecessor(at(200), Time(1s));
  CHECK_FALSE(table.owns_key(Key{11}));
  CHECK(table.owns_key(Key{201}));
  CHECK(table.own_range() == KeyRange{Key{200}, Key{10}});
  table.set_stage(Stage::cut_off);
  table.forget_predecessor();
  CHECK_FALSE(table.owns_key(Key{11}));
}

TEST_CASE("the list that is adopted goes clockwise, ends before the node itself, and is as long as asked for") {
  const Options options = small_ring();
  RoutingTable table(Key{10});
  table.set_stage(Stage::member);
  const auto first = table.adopt(options, at(30), contacts({60, 100, 150}));
  CHECK(list_of(table.successors()) == contacts({30, 60, 100}));
  CHECK((first.head && first.holders));
  table.adopt(options, at(30), contacts({60, 50, 100}));
  CHECK(list_of(table.successors()) == contacts({30, 60}));
  table.adopt(options, at(200), contacts({10, 30}));
  CHECK(list_of(table.successors()) == contacts({200}));
  table.adopt(options, at(30), contacts({60, 300}));
  CHECK(list_of(table.successors()) == contacts({30, 60}));
  for (const Contact head : {Contact{}, at(10), at(300)}) {
    const auto change = table.adopt(options, head, {});
    CHECK_FALSE((change.head || change.holders));
  }
  CHECK(list_of(table.successors()) == contacts({30, 60}));
}

TEST_CASE("a change says whether there is another first successor, and whether others hold the own values") {
  Options options = small_ring();
  options.replicas = 3;
  RoutingTable table = ideal_table(options);
  auto change = table.adopt(options, at(30), contacts({60, 150}));
  CHECK_FALSE((change.head || change.holders));
  change = table.adopt(options, at(30), contacts({70, 150}));
  CHECK_FALSE(change.head);
  CHECK(change.holders);
  change = table.drop_successor(options, at(30));
  CHECK((change.head && change.holders));
  CHECK(list_of(table.successors()) == contacts({70, 150}));
  change = table.drop_successor(options, at(99));
  CHECK_FALSE((change.head || change.holders));
}

TEST_CASE("a leaving node names one holder more, for it will be none") {
  const Options options = small_ring();
  RoutingTable table = ideal_table(options);
  CHECK(list_of(table.replica_holders(options)) == contacts({30}));
  table.set_stage(Stage::leaving);
  CHECK(list_of(table.replica_holders(options)) == contacts({30, 60}));
}

TEST_CASE("the way to a key leads over the closest contact before it, and then the next ones back") {
  Options options = small_ring();
  RoutingTable table = ideal_table(options);
  std::vector<Contact> way;
  for (Key limit{160}; const Contact next = table.closest_preceding(options, limit); limit = next.key)
    way.push_back(next);
  CHECK(way == contacts({150, 100, 60, 30}));
  CHECK(table.closest_preceding(options, Key{10}) == at(150));
  CHECK_FALSE(table.closest_preceding(options, Key{30}));
  table.forget_finger(at(60));
  CHECK(table.closest_preceding(options, Key{61}) == at(60));
  options.successor_list_as_fingers = false;
  CHECK(table.closest_preceding(options, Key{61}) == at(30));
}

TEST_CASE("successors at a key or beyond it are taken for its owner and the next holders, in their order") {
  const Options options = small_ring();
  const RoutingTable table = ideal_table(options);
  CHECK(list_of(table.known_holders(Key{31})) == contacts({60, 100}));
  CHECK(table.known_holders(Key{101}).empty());
  CHECK(table.next_owner(Key{31}, table.self()) == at(60));
  CHECK(table.next_owner(Key{31}, Key{60}) == at(100));
  CHECK_FALSE(table.next_owner(Key{31}, Key{100}));
  CHECK(table.knows_owner_of(options, Key{100}));
  CHECK_FALSE(table.knows_owner_of(options, Key{101}));
}

TEST_CASE("fingers are fixed in turn, and only those beyond the first successor") {
  const Options options = small_ring();
  RoutingTable table = ideal_table(options);  // the first successor is 20 away: fingers 0 to 3 are that one
  CHECK(table.useful_fingers(options) == 4);
  std::vector<unsigned> exponents;
  for (int i = 0; i < 5; ++i) exponents.push_back(table.take_finger_to_fix(options));
  CHECK(exponents == std::vector<unsigned>{4, 5, 6, 7, 4});
  table.assign_finger(options, 7, at(140));
  CHECK(list_of(table.fingers().all()) == contacts({30, 60, 100, 140}));
  CHECK(RoutingTable(Key{10}).useful_fingers(options) == 0);
}

TEST_CASE("the size of a ring is estimated by how close the successors lie") {
  Options options;
  options.successor_list_length = 8;
  std::vector<Contact> members;
  constexpr std::uint64_t count = 1024;
  for (std::uint64_t i = 0; i < count; ++i)
    members.push_back({Key{i << 54}, Address::ipv4(1, static_cast<std::uint16_t>(i + 1))});
  const unsigned bits = RoutingTable::converged(options, members, 0).ring_size_bits(options);
  CHECK(bits >= 10);
  CHECK(bits <= 12);
  CHECK(RoutingTable::converged(options, std::span(members).first(3), 0).ring_size_bits(options) == 2);
}

TEST_CASE("what another process sees of a table is what it was") {
  const RoutingTable table = ideal_table(small_ring());
  std::vector<std::byte> bytes;
  table.append_visible_state(bytes);
  RoutingTable mirror(Key{10});
  Bytes rest(bytes);
  REQUIRE(mirror.take_visible_state(rest));
  CHECK(rest.empty());
  CHECK(mirror.is_member());
  CHECK(mirror.predecessor() == table.predecessor());
  CHECK(list_of(mirror.successors()) == list_of(table.successors()));
  CHECK(list_of(mirror.fingers().all()) == list_of(table.fingers().all()));
  Bytes cut = Bytes(bytes).first(bytes.size() - 1);
  CHECK_FALSE(mirror.take_visible_state(cut));
}
