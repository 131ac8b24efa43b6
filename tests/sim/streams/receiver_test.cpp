#include "sim/streams/receiver.h"

#include "tests/catch.h"

namespace peerbed::sim::testing {
namespace {

using namespace std::chrono_literals;

constexpr std::uint32_t packet = Segment::packet_payload;
constexpr Time at(Duration time) { return time_zero + time; }

// Full packets from the packet with this number on.
Segment data(std::uint64_t first, std::uint32_t packets = 1, std::uint64_t lost = 0, Time sent = at(0s)) {
  Segment segment;
  segment.offset = first * packet;
  segment.size = packets * packet;
  segment.packets = packets;
  segment.sent = sent;
  segment.passage.lost = lost;
  return segment;
}

struct Bench {
  Bench() { receiver.begin(options); }
  Receiver::Taken take(const Segment& segment, Time now = at(1s)) { return receiver.take(segment, now, options); }
  Segment acknowledge() {
    Segment segment;
    receiver.put_acknowledgement(segment, options);
    return segment;
  }

  StreamOptions options;
  Receiver receiver;
};

}  // namespace

TEST_CASE("every second packet is acknowledged at once, one alone after a delay") {
  Bench bench;
  CHECK(bench.take(data(0)).fresh == packet);
  CHECK_FALSE(bench.receiver.owes_acknowledgement());
  CHECK(bench.receiver.due() == at(1040ms));
  bench.take(data(1), at(1010ms));
  CHECK(bench.receiver.owes_acknowledgement());
  CHECK(bench.acknowledge().acknowledged == 2 * packet);
  CHECK_FALSE(bench.receiver.owes_acknowledgement());
  CHECK(bench.receiver.due() == never);
  bench.take(data(2), at(2s));
  bench.receiver.wake(at(2039ms));
  CHECK_FALSE(bench.receiver.owes_acknowledgement());
  bench.receiver.wake(at(2040ms));
  CHECK(bench.receiver.owes_acknowledgement());
}

TEST_CASE("a burst is acknowledged once, and counts as the acknowledgements of its packets") {
  Bench bench;
  bench.take(data(0, 10));
  CHECK(bench.receiver.owes_acknowledgement());
  CHECK(bench.receiver.acknowledgements_owed(bench.options) == 5);
  bench.acknowledge();
  CHECK(bench.receiver.acknowledgements_owed(bench.options) == 1);
}

TEST_CASE("packets lost from a burst leave a gap, which is reported until it is filled") {
  Bench bench;
  const Receiver::Taken taken = bench.take(data(0, 4, 0b0010));
  CHECK(taken.fresh == 3 * packet);
  CHECK(taken.again == 0);
  CHECK(bench.receiver.received() == packet);
  const Segment report = bench.acknowledge();
  CHECK(report.acknowledged == packet);
  CHECK(report.answered_offset == 0);
  CHECK(report.answered_size == 4 * packet);
  CHECK(report.answered_lost == 0b0010);
  REQUIRE(report.block_count == 1);
  CHECK(report.blocks[0] == ByteRange{2 * packet, 4 * packet});
  const Segment later = bench.acknowledge();  // says again what is beyond the gap, not what was answered
  CHECK(later.answered_size == 0);
  CHECK(later.block_count == 1);
  CHECK(bench.take(data(1)).fresh == packet);
  CHECK(bench.receiver.owes_acknowledgement());
  const Segment filled = bench.acknowledge();
  CHECK(filled.acknowledged == 4 * packet);
  CHECK(filled.block_count == 0);
}

TEST_CASE("more ranges than an acknowledgement holds take turns") {
  Bench bench;
  for (std::uint64_t hole = 0; hole < 5; ++hole) bench.take(data(2 * hole + 1));
  std::vector<std::uint64_t> reported(10, 0);
  for (int i = 0; i < 5; ++i) {
    const Segment segment = bench.acknowledge();
    REQUIRE(segment.block_count == 3);
    for (std::size_t block = 0; block < 3; ++block) ++reported[segment.blocks[block].begin / packet];
  }
  for (std::uint64_t hole = 0; hole < 5; ++hole) CHECK(reported[2 * hole + 1] == 3);
}

TEST_CASE("bytes that arrive again are counted, and acknowledged at once") {
  Bench bench;
  bench.take(data(0, 2));
  bench.acknowledge();
  const Receiver::Taken taken = bench.take(data(0));
  CHECK(taken.fresh == 0);
  CHECK(taken.again == packet);
  CHECK(bench.receiver.owes_acknowledgement());
  CHECK(bench.take(data(1, 2)).fresh == packet);
}

TEST_CASE("a FIN is received after all bytes before it, and takes one place in the order") {
  Bench bench;
  Segment last = data(1);
  last.flags = segment_finishes;
  bench.take(last);
  CHECK_FALSE(bench.receiver.peer_finished());
  bench.take(data(0));
  CHECK(bench.receiver.peer_finished());
  CHECK(bench.receiver.peer_end() == 2 * packet);
  CHECK(bench.receiver.readable_end() == 2 * packet);
  CHECK(bench.receiver.received() == 2 * packet + 1);
  CHECK(bench.receiver.owes_acknowledgement());
}

TEST_CASE("a FIN in a packet that is lost has not come") {
  Bench bench;
  Segment last = data(0, 2, 0b10);
  last.flags = segment_finishes;
  CHECK(bench.take(last).fresh == packet);
  CHECK_FALSE(bench.receiver.peer_finished());
  last.passage.lost = 0;
  CHECK(bench.take(last).fresh == packet + 1);
  CHECK(bench.receiver.peer_finished());
}

TEST_CASE("the window grows by what was asked for and has arrived, and is announced when the peer may need it") {
  Bench bench;
  bench.options.receive_buffer = 100 * packet;
  bench.receiver.begin(bench.options);
  CHECK(bench.acknowledge().window_end == 100 * packet);
  bench.take(data(0, 60));
  CHECK(bench.acknowledge().window_end == 100 * packet);  // it waits in the buffer
  bench.receiver.announce_space(bench.options);
  CHECK_FALSE(bench.receiver.owes_acknowledgement());
  bench.receiver.ask(30 * packet);
  bench.receiver.announce_space(bench.options);
  CHECK(bench.receiver.owes_acknowledgement());
  CHECK(bench.acknowledge().window_end == 130 * packet);
  bench.receiver.announce_space(bench.options);
  CHECK_FALSE(bench.receiver.owes_acknowledgement());
}

TEST_CASE("the echo is when the first unacknowledged segment was sent, and is given once") {
  Bench bench;
  bench.take(data(0, 1, 0, at(500ms)));
  bench.take(data(1, 1, 0, at(600ms)));
  CHECK(bench.acknowledge().echo == at(500ms));
  CHECK(bench.acknowledge().echo == never);
  bench.take(data(3, 1, 0, at(700ms)));
  bench.take(data(5, 1, 0, at(800ms)));  // beyond a gap: the last one counts
  CHECK(bench.acknowledge().echo == at(800ms));
}

TEST_CASE("an empty segment is acknowledged only if it asks for that") {
  Bench bench;
  Segment empty;
  bench.take(empty);
  CHECK_FALSE(bench.receiver.owes_acknowledgement());
  empty.flags = segment_probes;
  bench.take(empty);
  CHECK(bench.receiver.owes_acknowledgement());
}

}  // namespace peerbed::sim::testing
