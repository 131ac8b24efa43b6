#include "sim/streams/end_table.h"

#include <vector>

#include "sim/streams/segments_under_way.h"
#include "tests/catch.h"

namespace peerbed::sim::testing {
namespace {

const StreamOptions options;

EndIndex open(EndTable& table, StreamId id, NodeIndex node = 1, NodeIndex to = 2) {
  const EndIndex end = table.begin(node, id, options, time_zero);
  table.at(end).state = EndState::open;
  table.at(end).opened_here = true;
  table.at(end).peer_node = to;
  return end;
}
EndIndex accept(EndTable& table, EndRef opener, NodeIndex node = 2, NodeIndex from = 1) {
  const EndIndex end = table.begin_accepted(node, from, opener, options, time_zero);
  table.at(end).state = EndState::open;
  return end;
}

std::vector<EndIndex> ends_of(EndTable& table, NodeIndex node) {
  std::vector<EndIndex> ends;
  table.for_each_of(node, [&ends](EndIndex end) { ends.push_back(end); });
  return ends;
}

std::vector<std::byte> text(std::size_t size) { return std::vector<std::byte>(size, std::byte{7}); }
void write(EndTable& table, EndIndex end, std::size_t size, StreamOutbox* away = nullptr) {
  table.write(end, Bytes(text(size)), size, away);
}

}  // namespace

TEST_CASE("an end is found by its node and name, and belongs to its host") {
  EndTable table;
  const EndIndex first = open(table, {1});
  const EndIndex second = open(table, {3});
  const EndIndex first_accepted = accept(table, table.ref(first));
  const EndIndex second_accepted = accept(table, table.ref(second));
  CHECK(table.find(1, StreamId{1}) == first);
  CHECK(table.find(1, StreamId{3}) == second);
  CHECK(table.find(2, StreamId{2}) == first_accepted);
  CHECK(table.find(2, StreamId{4}) == second_accepted);
  CHECK(table.find(2, StreamId{1}) == no_end);
  CHECK(table.find(7, StreamId{1}) == no_end);
  CHECK(table.find_accepted(1, table.ref(second)) == second_accepted);
  CHECK(table.find_accepted(2, table.ref(second)) == no_end);
  CHECK(ends_of(table, 1) == std::vector<EndIndex>{second, first});
  CHECK(ends_of(table, 7).empty());
}

TEST_CASE("a name that a node has forgotten is free, while the end stays") {
  EndTable table;
  const EndIndex end = open(table, {1});
  REQUIRE(table.find(1, StreamId{1}) == end);
  table.part_from_node(end);
  CHECK(table.find(1, StreamId{1}) == no_end);
  CHECK(ends_of(table, 1).empty());
  const EndIndex next = open(table, {1});
  CHECK(next != end);
  CHECK(table.find(1, StreamId{1}) == next);
  table.part_from_node(end);  // a second time changes nothing
  CHECK(table.find(1, StreamId{1}) == next);
  CHECK(ends_of(table, 1) == std::vector<EndIndex>{next});
}

TEST_CASE("an end that is gone is not found, and the next one in its slot is not taken for it") {
  EndTable table;
  const EndIndex end = open(table, {1});
  const EndRef ref = table.ref(end);
  const EndIndex accepted = accept(table, ref);
  const EndRef accepted_ref = table.ref(accepted);
  CHECK(table.find(1, ref) == end);
  CHECK(table.find(2, ref) == no_end);
  table.remove(end);
  table.remove(accepted);
  CHECK(table.find(1, ref) == no_end);
  CHECK(table.find_accepted(1, ref) == no_end);
  CHECK(open(table, {1}, 2, 1) == accepted);
  CHECK(table.find(2, accepted_ref) == no_end);
  CHECK(open(table, {1}) == end);
  CHECK(table.find(1, ref) == no_end);
  CHECK(table.ref(end) != ref);
}

TEST_CASE("what an end writes is where it is read, as soon as it has heard of the other end") {
  EndTable table;
  const EndIndex end = open(table, {1});
  write(table, end, 5);
  const EndIndex reader = accept(table, table.ref(end));
  CHECK(table.at(reader).pipe.written() == 0);
  table.meet(end, 2, table.ref(reader), {2}, nullptr);
  CHECK(table.at(reader).pipe.written() == 5);
  CHECK(table.at(end).pipe.written() == 0);
  write(table, end, 3);
  CHECK(table.at(reader).pipe.written() == 8);
  write(table, reader, 1);
  CHECK(table.at(end).pipe.written() == 1);
  CHECK(table.at(end).written == 8);
  table.remove(reader);
  write(table, end, 2);  // nobody reads it
  CHECK(table.at(end).written == 10);
}

TEST_CASE("what is written for an end of another table gets there through the outbox") {
  EndTable here;
  EndTable there;
  EventQueue queue(EventQueueKind::heap);
  SegmentsUnderWay segments{0.0};
  StreamOutbox outbox;
  const EndIndex end = open(here, {1});
  write(here, end, 5);
  const EndIndex reader = accept(there, here.ref(end));
  here.meet(end, 2, there.ref(reader), {2}, &outbox);
  write(here, end, 3, &outbox);
  here.write(end, synthetic_extent(9, 0, 100), 100, &outbox);
  write(here, end, 2, &outbox);
  CHECK(there.at(reader).pipe.written() == 0);
  outbox.empty(there, segments, queue);
  CHECK(there.at(reader).pipe.written() == 110);
  std::vector<Extent> extents;
  there.at(reader).pipe.take(110, extents);
  REQUIRE(extents.size() == 3);
  CHECK(extents[0].size == 8);
  CHECK(extents[1] == synthetic_extent(9, 0, 100));
  there.remove(reader);
  write(here, end, 2, &outbox);
  outbox.empty(there, segments, queue);
}

TEST_CASE("a host that forgets loses all of its ends, and counts from the first name again") {
  EndTable table;
  const EndIndex first = open(table, {1});
  const EndIndex second = open(table, {1}, 3);
  accept(table, table.ref(first));
  accept(table, table.ref(second), 2, 3);
  table.remove_all(2);
  CHECK(ends_of(table, 2).empty());
  CHECK(table.find(2, StreamId{2}) == no_end);
  CHECK(table.find(1, StreamId{1}) == first);
  const EndIndex again = accept(table, table.ref(first));
  CHECK(table.at(again).id == StreamId{2});
  CHECK(table.at(again).serial == 3);
  CHECK(table.at(accept(table, table.ref(second), 2, 3)).id == StreamId{4});
  table.remove_all(99);
}

TEST_CASE("a host's list stays whole whichever end leaves it") {
  for (std::size_t leaving = 0; leaving < 3; ++leaving) {
    EndTable table;
    std::vector<EndIndex> ends;
    for (const std::uint32_t id : {5U, 3U, 1U}) ends.insert(ends.begin(), open(table, {id}));
    table.remove(ends[leaving]);
    ends.erase(ends.begin() + static_cast<std::ptrdiff_t>(leaving));
    CHECK(ends_of(table, 1) == ends);
  }
}

TEST_CASE("ends that move to other tables keep their names, order and numbers") {
  EndTable table;
  open(table, {1}, 8);  // so that slots change
  const EndIndex first = open(table, {1});
  const EndIndex second = open(table, {3});
  const EndIndex accepted = accept(table, table.ref(first));
  const EndRef first_ref = table.ref(first);
  table.part_from_node(accepted);  // it lingers
  EndTable odd;
  EndTable even;
  const auto moved = table.move_all([&](NodeIndex node) -> EndTable& { return node % 2 == 0 ? even : odd; });
  CHECK(ends_of(odd, 1) == std::vector<EndIndex>{moved[second], moved[first]});
  CHECK(odd.find(1, StreamId{3}) == moved[second]);
  CHECK(odd.at(moved[first]).serial == first_ref.serial);
  CHECK(ends_of(even, 2).empty());
  CHECK(even.find_accepted(1, first_ref) == moved[accepted]);
  CHECK(even.at(moved[accepted]).node == 2);
  const EndIndex next = accept(even, {7, 9});
  CHECK(even.at(next).id == StreamId{4});
  CHECK(even.at(next).serial == 2);
  const EndIndex grave = even.grave();
  CHECK(even.grave() == grave);
  CHECK(open(even, {1}, 4) != grave);
}

}  // namespace peerbed::sim::testing
