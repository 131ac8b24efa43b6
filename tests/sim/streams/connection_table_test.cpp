#include "sim/streams/connection_table.h"

#include <vector>

#include "tests/catch.h"

namespace peerbed::sim::testing {
namespace {

using namespace std::chrono_literals;

const StreamOptions options;

// A connection from node 1 to node 2, under these names.
EndIndex connect(ConnectionTable& table, StreamId opened, NodeIndex from = 1, NodeIndex to = 2) {
  const EndIndex end = table.open(to, address_of(to), address_of(0), time_zero);
  table.begin(end, from, opened, options, time_zero);
  table.at(end).state = EndState::open;
  return end;
}
void accept(ConnectionTable& table, EndIndex end, NodeIndex node = 2) {
  table.begin(end, node, table.take_accepted_id(node), options, time_zero);
  table.at(end).state = EndState::open;
}

std::vector<EndIndex> ends_of(ConnectionTable& table, NodeIndex node) {
  std::vector<EndIndex> ends;
  table.for_each_of(node, [&ends](EndIndex end) { ends.push_back(end); });
  return ends;
}

}  // namespace

TEST_CASE("an end is found by its node and name, and belongs to its host") {
  ConnectionTable table;
  const EndIndex first = connect(table, {1});
  const EndIndex second = connect(table, {3});
  accept(table, first ^ 1U);
  accept(table, second ^ 1U);
  CHECK(table.find(1, {1}) == first);
  CHECK(table.find(1, {3}) == second);
  CHECK(table.find(2, {2}) == (first ^ 1U));
  CHECK(table.find(2, {4}) == (second ^ 1U));
  CHECK(table.find(2, {1}) == no_end);
  CHECK(table.find(7, {1}) == no_end);
  CHECK(ends_of(table, 1) == std::vector<EndIndex>{second, first});
  CHECK(ends_of(table, 7).empty());
  CHECK(table.peer_of(first) == 2);
  CHECK(table.peer_of(first ^ 1U) == 1);
  CHECK(&table.outgoing(first) == &table.incoming(first ^ 1U));
}

TEST_CASE("a name that a node has forgotten is free, while the end stays") {
  ConnectionTable table;
  const EndIndex end = connect(table, {1});
  REQUIRE(table.find(1, {1}) == end);
  table.part_from_node(end);
  CHECK(table.find(1, {1}) == no_end);
  CHECK(ends_of(table, 1).empty());
  const EndIndex next = connect(table, {1});
  CHECK(next != end);
  CHECK(table.find(1, {1}) == next);
  table.part_from_node(end);  // a second time changes nothing
  CHECK(table.find(1, {1}) == next);
  CHECK(ends_of(table, 1) == std::vector<EndIndex>{next});
}

TEST_CASE("a connection's slot is free when both ends are gone, and the next one has another generation") {
  ConnectionTable table;
  const EndIndex end = connect(table, {1});
  accept(table, end ^ 1U);
  table.outgoing(end).write(std::vector<std::byte>(5));
  const std::uint32_t generation = table.connection(end).generation;
  table.remove(end);
  CHECK(table.at(end).state == EndState::gone);
  CHECK(table.connection(end).generation == generation);
  CHECK(connect(table, {3}) != end);
  table.remove(end ^ 1U);
  CHECK(table.connection(end).generation == generation + 1);
  const EndIndex reused = connect(table, {5});
  CHECK(reused == end);
  CHECK(table.outgoing(reused).written() == 0);
  CHECK(table.at(reused ^ 1U).state == EndState::unused);
}

TEST_CASE("a connection that nobody accepted is gone with its first end") {
  ConnectionTable table;
  const EndIndex end = connect(table, {1});
  table.remove(end);
  CHECK(connect(table, {3}) == end);
}

TEST_CASE("a host that forgets loses all of its ends, and counts from the first name again") {
  ConnectionTable table;
  const EndIndex first = connect(table, {1});
  const EndIndex second = connect(table, {1}, 3, 2);
  accept(table, first ^ 1U);
  accept(table, second ^ 1U);
  table.remove_all(2);
  CHECK(ends_of(table, 2).empty());
  CHECK(table.find(2, {2}) == no_end);
  CHECK(table.find(1, {1}) == first);
  CHECK(table.take_accepted_id(2) == StreamId{2});
  CHECK(table.take_accepted_id(2) == StreamId{4});
  table.remove_all(99);
}

TEST_CASE("a host's list stays whole whichever end leaves it") {
  for (std::size_t leaving = 0; leaving < 3; ++leaving) {
    ConnectionTable table;
    std::vector<EndIndex> ends;
    for (const std::uint32_t id : {5U, 3U, 1U}) ends.insert(ends.begin(), connect(table, {id}));
    table.remove(ends[leaving]);
    ends.erase(ends.begin() + static_cast<std::ptrdiff_t>(leaving));
    CHECK(ends_of(table, 1) == ends);
  }
}

}  // namespace peerbed::sim::testing
