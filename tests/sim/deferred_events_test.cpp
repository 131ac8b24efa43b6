#include "sim/engine/deferred_events.h"

#include "tests/catch.h"

namespace peerbed::sim::testing {
namespace {

Event event(EventKind kind, NodeIndex destination, std::uint32_t sequence) {
  return {.time = 0, .destination = destination, .source = 9, .sequence = sequence, .what = Event::pack(kind, 0)};
}

std::vector<std::uint32_t> sequences(const std::vector<Event>& events) {
  std::vector<std::uint32_t> all;
  for (const Event& one : events) all.push_back(one.sequence);
  return all;
}

}  // namespace

TEST_CASE("a host's deferred events come back in the order of arrival, once") {
  DeferredEvents deferred(1000);
  CHECK(deferred.add(event(EventKind::datagram, 1, 5), 100));
  CHECK(deferred.add(event(EventKind::timer, 2, 6), 0));
  CHECK(deferred.add(event(EventKind::timer, 1, 2), 0));
  CHECK(deferred.add(event(EventKind::datagram, 1, 8), 100));
  CHECK(sequences(deferred.take(1)) == std::vector<std::uint32_t>{5, 2, 8});
  CHECK(deferred.take(1).empty());
  CHECK(deferred.take(3).empty());
  CHECK(sequences(deferred.take(2)) == std::vector<std::uint32_t>{6});
}

TEST_CASE("datagrams beyond the receive buffer are refused, and nothing else is") {
  DeferredEvents deferred(250);
  CHECK(deferred.add(event(EventKind::datagram, 1, 1), 100));
  CHECK(deferred.add(event(EventKind::datagram, 1, 2), 150));
  CHECK_FALSE(deferred.add(event(EventKind::datagram, 1, 3), 1));
  CHECK(deferred.add(event(EventKind::content, 1, 4), 0));
  CHECK(deferred.add(event(EventKind::datagram, 2, 5), 250));  // a buffer of its own
  CHECK(sequences(deferred.take(1)) == std::vector<std::uint32_t>{1, 2, 4});
  CHECK(deferred.add(event(EventKind::datagram, 1, 6), 250));  // empty again
}

TEST_CASE("all deferred events are visited, host by host") {
  DeferredEvents deferred(1000);
  deferred.add(event(EventKind::timer, 2, 1), 0);
  deferred.add(event(EventKind::timer, 1, 2), 0);
  deferred.add(event(EventKind::timer, 2, 3), 0);
  std::vector<std::uint32_t> seen;
  deferred.for_each([&seen](const Event& one) { seen.push_back(one.sequence); });
  CHECK(seen == std::vector<std::uint32_t>{2, 1, 3});
}

}  // namespace peerbed::sim::testing
