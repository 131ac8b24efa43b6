#include "protocols/ring/base/rtt_tracker.h"

#include "protocols/ring/base/retry_budget.h"
#include "protocols/ring/routing/recent_finds.h"
#include "tests/catch.h"

using namespace peerbed;
using namespace peerbed::ring;
using namespace std::chrono_literals;

namespace {

constexpr Address near_peer = Address::ipv4(1, 1);
constexpr Address far_peer = Address::ipv4(2, 1);

constexpr auto span = [] { return Duration(4s); };

Find find_with(std::uint32_t id) {
  Find find;
  find.id = id;
  find.asker = near_peer;
  return find;
}

}  // namespace

TEST_CASE("the first round trip gives three times itself, as in RFC 6298") {
  RoundTrip round_trip;
  CHECK_FALSE(round_trip.known());
  round_trip.note(100ms);
  CHECK(round_trip.mean() == 100ms);
  CHECK(round_trip.timeout() == 300ms);
}

TEST_CASE("on a steady path the timeout comes down to half more than the round trip") {
  RoundTrip round_trip;
  for (int i = 0; i < 100; ++i) round_trip.note(100ms);
  CHECK(round_trip.timeout() == 150ms);
}

TEST_CASE("a round trip that jumps is followed at once by the timeout") {
  RoundTrip round_trip;
  for (int i = 0; i < 100; ++i) round_trip.note(100ms);
  round_trip.note(2s);
  CHECK(round_trip.timeout() > 2s);
}

TEST_CASE("while nothing was measured a node waits for the initial timeout, and never less than the least") {
  RttTracker tracker;
  CHECK_FALSE(tracker.known());
  CHECK(tracker.timeout(near_peer, 500ms, 4s) == 4s);
  CHECK(tracker.timeout(near_peer, 5s, 4s) == 5s);
  tracker.note(near_peer, 1ms);
  CHECK(tracker.timeout(near_peer, 500ms, 4s) == 500ms);
  CHECK(tracker.timeout(far_peer, 500ms, 4s) == 500ms);
}

TEST_CASE("a peer that is slower than the others has a timeout of its own") {
  RttTracker tracker;
  for (int i = 0; i < 50; ++i) tracker.note(near_peer, 20ms);
  tracker.note(far_peer, 3s);
  for (int i = 0; i < 50; ++i) tracker.note(near_peer, 20ms);
  CHECK(tracker.timeout(near_peer, 100ms, 4s) == 100ms);
  CHECK(tracker.timeout(far_peer, 100ms, 4s) == 9s);
}

TEST_CASE("a peer that became as quick as the others loses its own timeout") {
  RttTracker tracker;
  for (int i = 0; i < 50; ++i) tracker.note(near_peer, 20ms);
  tracker.note(far_peer, 3s);
  for (int i = 0; i < 100; ++i) tracker.note(far_peer, 20ms);
  for (int i = 0; i < 50; ++i) tracker.note(near_peer, 20ms);
  CHECK(tracker.timeout(far_peer, 100ms, 4s) == 100ms);
}

TEST_CASE("the answer to a question that was given up is measured, once and from the peer that was asked") {
  RttTracker tracker;
  tracker.note(near_peer, 20ms);
  tracker.note_given_up(far_peer, 33, Time(1s));
  tracker.note_late_answer(near_peer, 33, Time(3s));
  tracker.note_late_answer(far_peer, 65, Time(3s));
  CHECK(tracker.timeout(far_peer, 100ms, 4s) == 100ms);
  tracker.note_late_answer(far_peer, 33, Time(3s));
  const Duration measured = tracker.timeout(far_peer, 100ms, 4s);
  CHECK(measured >= 2s);
  tracker.note_late_answer(far_peer, 33, Time(60s));
  CHECK(tracker.timeout(far_peer, 100ms, 4s) == measured);
}

TEST_CASE("a find is new once, and its copies are known while a node handles few others") {
  RecentFinds finds;
  CHECK(finds.note(Time(0s), find_with(1), span));
  CHECK_FALSE(finds.note(Time(1h), find_with(1), span));
  for (std::uint32_t id = 2; id <= 8; ++id) CHECK(finds.note(Time(1h), find_with(id), span));
  CHECK_FALSE(finds.note(Time(2h), find_with(1), span));
  CHECK(finds.note(Time(2h), find_with(9), span));
  CHECK(finds.note(Time(2h), find_with(1), span));
}

TEST_CASE("a node that handles many finds knows copies for a span at least") {
  RecentFinds finds;
  Time now;
  for (std::uint32_t id = 1; id <= 1000; ++id, now += 50ms) {
    REQUIRE(finds.note(now, find_with(id), span));
    if (id > 80) REQUIRE_FALSE(finds.note(now, find_with(id - 79), span));
  }
  REQUIRE(finds.note(now, find_with(1), span));
}

TEST_CASE("a node may see a find on its way, and once more as the owner") {
  RecentFinds finds;
  Find find = find_with(1);
  CHECK(finds.note(Time(0s), find, span));
  find.at_owner = true;
  CHECK(finds.note(Time(0s), find, span));
  CHECK_FALSE(finds.note(Time(0s), find, span));
}

TEST_CASE("of finds beyond a generation's size the latest are remembered") {
  RecentFinds finds;
  constexpr std::uint32_t count = 10 * RecentFinds::maximum_per_generation;
  for (std::uint32_t id = 1; id <= count; ++id) REQUIRE(finds.note(Time(0s), find_with(id), span));
  for (std::uint32_t id = count; id > count - RecentFinds::maximum_per_generation; --id)
    REQUIRE_FALSE(finds.note(Time(0s), find_with(id), span));
}

TEST_CASE("copies are paid for by first sends, and by a reserve") {
  RetryBudget budget;
  for (int i = 0; i < RetryBudget::reserve; ++i) REQUIRE(budget.spend());
  CHECK_FALSE(budget.spend());
  budget.earn();
  CHECK(budget.spend());
  CHECK_FALSE(budget.spend());
  for (int i = 0; i < 1000; ++i) budget.earn();
  for (int i = 0; i < RetryBudget::reserve; ++i) REQUIRE(budget.spend());
  CHECK_FALSE(budget.spend());
}
