#include "sim/streams/segments_under_way.h"

#include <array>
#include <optional>

#include "tests/catch.h"

namespace peerbed::sim::testing {
namespace {

using namespace std::chrono_literals;

constexpr std::uint32_t packet = Segment::packet_payload;
constexpr Time at(Duration time) { return time_zero + time; }

// Two hosts, 10 ms apart.
struct Bench {
  Bench() {
    network.add_hosts(2);
    network.set_default({.latency = LatencyModel::constant(10ms)});
  }
  StreamContext context(Time now) { return {now, queue, network, hosts, disks}; }
  std::uint32_t add(std::uint32_t packets, std::uint64_t offset = 0) {
    const std::uint32_t slot = segments.add();
    segments[slot] = {};
    segments[slot].offset = offset;
    segments[slot].size = packets * packet;
    segments[slot].packets = static_cast<std::uint8_t>(packets);
    segments[slot].wire_size = packets * 1500;
    return slot;
  }
  void send(std::uint32_t slot, Time now, NodeIndex to = 1) {
    StreamContext lent = context(now);
    segments.send(lent, slot, 0, to, last_arrival, counters);
  }
  std::optional<Event> pop() {
    Event event;
    if (!queue.pop_before(nanoseconds_since_start(at(100s)), event)) return std::nullopt;
    return event;
  }

  EventQueue queue{EventQueueKind::heap};
  Network network{1};
  std::vector<Host> hosts = std::vector<Host>(2);
  Disks disks{1};
  SegmentsUnderWay segments{0.0};
  StreamCounters counters;
  Time last_arrival;
};

}  // namespace

TEST_CASE("a segment reaches its host after the latency, as it was sent") {
  Bench bench;
  const std::uint32_t slot = bench.add(3, 700);
  bench.send(slot, at(1s));
  const auto event = bench.pop();
  REQUIRE(event.has_value());
  CHECK(event->kind() == EventKind::segment);
  CHECK(event->time == nanoseconds_since_start(at(1010ms)));
  CHECK(event->destination == 1);
  CHECK(bench.hosts[0].sequence == 1);
  const Segment segment = bench.segments.take(*event);
  CHECK(segment.offset == 700);
  CHECK(segment.packets == 3);
  CHECK(bench.segments.add() == slot);
}

TEST_CASE("a segment to nobody, or into a partition, is gone, and its slot is free") {
  Bench bench;
  const std::uint32_t slot = bench.add(3);
  bench.send(slot, at(1s), no_node);
  CHECK_FALSE(bench.pop().has_value());
  CHECK(bench.counters.packets_cut == 0);
  bench.network.partition("cut", NodeSet(std::array<NodeIndex, 1>{0}), NodeSet(std::array<NodeIndex, 1>{1}), false);
  REQUIRE(bench.add(3) == slot);
  bench.send(slot, at(1s));
  CHECK_FALSE(bench.pop().has_value());
  CHECK(bench.counters.packets_cut == 3);
  CHECK(bench.segments.add() == slot);
}

TEST_CASE("segments of a stream do not overtake each other, as long as none is reordered") {
  Bench bench;
  bench.send(bench.add(1, 0), at(1s));
  bench.network.set_default({.latency = LatencyModel::constant(1ms)});
  bench.send(bench.add(1, packet), at(1s));
  CHECK(bench.last_arrival == at(1010ms));
  REQUIRE(bench.pop()->time == nanoseconds_since_start(at(1010ms)));
  CHECK(bench.pop()->time == nanoseconds_since_start(at(1010ms)));
  bench.network.set_default({.latency = LatencyModel::constant(1ms), .reorder = 1, .reorder_delay = 500ms});
  bench.send(bench.add(1, 2 * packet), at(2s));
  CHECK(bench.pop()->time == nanoseconds_since_start(at(2501ms)));
  CHECK(bench.last_arrival == at(1010ms));
}

TEST_CASE("a duplicated segment arrives twice, from two slots") {
  Bench bench;
  bench.network.set_default({.latency = LatencyModel::constant(10ms), .duplicate = 1});
  bench.send(bench.add(2, 40), at(1s));
  const auto first = bench.pop();
  const auto second = bench.pop();
  REQUIRE(first.has_value());
  REQUIRE(second.has_value());
  CHECK(first->value() != second->value());
  CHECK(first->sequence != second->sequence);
  CHECK(bench.segments.take(*first).offset == 40);
  CHECK(bench.segments.take(*second).offset == 40);
}

TEST_CASE("a down-link takes a segment from its first packet on, passes what its queue holds, and counts the rest") {
  Bench bench;
  bench.network.set_downlink(1, {{8'000'000}, 3'000});  // 1.5 ms a packet, and two of them wait
  bench.send(bench.add(4), at(1s));
  auto event = bench.pop();
  REQUIRE(event->kind() == EventKind::segment_arrival);
  StreamContext context = bench.context(at(1010ms));
  bench.segments.pass_down_link(context, *event, bench.counters);
  const std::uint64_t overflowed = bench.counters.packets_overflowed;
  CHECK(overflowed > 0);
  CHECK(overflowed < 4);
  event = bench.pop();
  REQUIRE(event->kind() == EventKind::segment);
  CHECK(event->time > nanoseconds_since_start(at(1010ms)));
  const Segment segment = bench.segments.take(*event);
  CHECK(static_cast<std::uint64_t>(std::popcount(segment.passage.lost)) == overflowed);
}

TEST_CASE("packets lost on the way are counted, and a segment without any left does not arrive") {
  Bench bench;
  bench.network.set_default({.latency = LatencyModel::constant(10ms), .loss = LossModel::independent(1)});
  bench.send(bench.add(5), at(1s));
  CHECK_FALSE(bench.pop().has_value());
  CHECK(bench.counters.packets_lost == 5);
}

}  // namespace peerbed::sim::testing
