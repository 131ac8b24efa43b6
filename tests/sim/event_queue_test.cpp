// All event queues give the same order, whatever is pushed, as long as time does not go backwards.

#include "sim/core/event_queue.h"

#include <algorithm>
#include <vector>

#include "protocols/environment/random.h"
#include "tests/catch.h"

namespace peerbed::sim::testing {
namespace {

bool same(const Event& a, const Event& b) {
  return a.time == b.time && a.destination == b.destination && a.source == b.source && a.sequence == b.sequence;
}

Event pop(EventQueue& queue) {
  Event event;
  REQUIRE(queue.pop_before(INT64_MAX, event));
  return event;
}

// Pushes and pops at random; times increase by less than 2^bits, so that every level of the wheel is used.
void compare_queues(std::uint64_t seed, int bits, std::size_t pending, int steps) {
  KeyedStream draws(seed);
  EventQueue wheel(EventQueueKind::wheel);
  EventQueue heap(EventQueueKind::heap);
  EventQueue few(EventQueueKind::short_queue);
  std::int64_t now = 0;
  std::uint32_t sequence = 0;
  const auto push = [&] {
    const auto ahead =
        static_cast<std::int64_t>(draws.below(std::uint64_t{1} << draws.below(static_cast<std::uint64_t>(bits))));
    const Event event{.time = now + ahead,
                      .destination = static_cast<NodeIndex>(draws.below(5)),
                      .source = static_cast<NodeIndex>(draws.below(5)),
                      .sequence = sequence++,
                      .what = 0};
    wheel.push(event);
    heap.push(event);
    few.push(event);
  };
  int different = 0;
  for (int i = 0; i < steps; ++i) {
    while (wheel.size() < pending && draws.below(4) != 0) push();
    if (wheel.empty()) continue;
    const std::int64_t end = draws.below(3) == 0 ? now + 1 : INT64_MAX;  // often too early for the next event
    Event event;
    Event plain;
    Event next;
    const bool is_there = wheel.pop_before(end, event);
    different += is_there == heap.pop_before(end, plain) && is_there == few.pop_before(end, next) ? 0 : 1;
    if (!is_there) continue;
    different += same(event, plain) && same(event, next) && event.time >= now && event.time < end ? 0 : 1;
    now = event.time;
  }
  const std::vector<Event> rest = wheel.sorted();
  REQUIRE(rest.size() == wheel.size());
  REQUIRE(rest.size() == few.size());
  for (const Event& event : rest)
    different += same(event, pop(wheel)) && same(event, pop(heap)) && same(event, pop(few)) ? 0 : 1;
  CHECK(wheel.empty());
  CHECK(heap.empty());
  CHECK(few.empty());
  CHECK(different == 0);
}

}  // namespace

TEST_CASE("wheel, heap and short queue hand out the same events in the same order") {
  for (const int bits : {1, 8, 14, 20, 30, 40, 50}) {
    INFO("increments below 2^" << bits);
    compare_queues(1, bits, 10, 3'000);
    compare_queues(2, bits, 500, 20'000);
    compare_queues(3, bits, 20'000, 60'000);
  }
}

TEST_CASE("events of one instant are ordered by destination, source and sequence") {
  EventQueue queue(EventQueueKind::wheel);
  std::vector<Event> events;
  for (std::uint32_t i = 0; i < 600; ++i)
    events.push_back(
        {.time = 123'456'789, .destination = (i * 7) % 5, .source = (i * 3) % 4, .sequence = i, .what = i});
  for (const Event& event : events) queue.push(event);
  std::sort(events.begin(), events.end(), precedes);
  for (const Event& event : events) REQUIRE(same(pop(queue), event));
}

TEST_CASE("events for the present instant precede the future") {
  EventQueue queue(EventQueueKind::wheel);
  queue.push({.time = 1'000'000});
  queue.push({.time = 1'000'100});
  CHECK(pop(queue).time == 1'000'000);
  queue.push({.time = 1'000'000, .destination = 9});
  queue.push({.time = 1'000'050});
  CHECK(pop(queue).destination == 9);
  CHECK(pop(queue).time == 1'000'050);
  CHECK(pop(queue).time == 1'000'100);
  Event none;
  CHECK_FALSE(queue.pop_before(INT64_MAX, none));
}

}  // namespace peerbed::sim::testing
