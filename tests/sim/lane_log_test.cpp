#include "sim/engine/lane_log.h"

#include <string>
#include <vector>

#include "tests/catch.h"
#include "tests/sim/record.h"

namespace peerbed::sim::testing {
namespace {

using namespace std::chrono_literals;

Event event(std::int64_t time, NodeIndex destination, NodeIndex source, std::uint32_t sequence) {
  return {.time = time, .destination = destination, .source = source, .sequence = sequence};
}

void step(LaneLog& log, const Event& of) {
  log.begin(of);
  log.on_step({.time = Time(Duration(of.time)),
               .destination = of.destination,
               .source = of.source,
               .sequence = of.sequence,
               .kind = StepKind::datagram,
               .bytes = {}});
}

}  // namespace

TEST_CASE("a log tells everything as it was told") {
  const std::vector<std::byte> bytes{std::byte{1}, std::byte{2}};
  const ContentReady ready{.key = {9}, .bytes = bytes, .found = true, .range = {{9}, 3, 2}};
  const Time now = time_zero + 5ns;
  const auto happen = [&](Observer& observer) {
    observer.on_step({.time = now,
                      .destination = 1,
                      .source = 1,
                      .sequence = 3,
                      .kind = StepKind::content,
                      .timer = 7,
                      .bytes = bytes,
                      .content = &ready,
                      .next_sequence = 4});
    observer.on_trace(now, 1, 6, TraceValues{1, 2, 3, 4});
    observer.on_line(now, 1, "all is well");
    observer.on_line(now, 1, "");
    observer.on_refusal(now, 1, "busy", "come back later");
    observer.on_timer_put_off(now, 1, 2);
    observer.on_exit(now, 1);
  };
  Record direct;
  happen(direct);
  LaneLog log;
  log.begin(event(5, 1, 1, 3));
  happen(log);
  Record told;
  LaneLog* const logs[] = {&log};
  tell_in_order(logs, {.nodes = &told});
  CHECK(told.all == direct.all);
  CHECK(told.all.size() == 7);
  CHECK(log.next() == nullptr);
}

TEST_CASE("logs are merged by time, then by host, and each keeps its own order") {
  LaneLog even;
  LaneLog odd;
  step(even, event(1, 2, 9, 1));
  step(even, event(1, 2, 2, 4));  // a timer without delay, set by the event before
  step(even, event(3, 0, 1, 0));
  step(odd, event(1, 1, 0, 0));
  step(odd, event(1, 3, 0, 0));
  step(odd, event(3, 1, 1, 0));
  LaneLog* const logs[] = {&even, &odd};
  Record record;
  const Event last = event(1, 3, 0, 0);
  tell_in_order(logs, {.nodes = &record}, &last);
  std::vector<std::string> places;
  for (const std::string& line : record.all) places.push_back(line.substr(0, line.find(" step")));
  CHECK(places == std::vector<std::string>{"1 1", "1 2", "1 2", "1 3"});
  REQUIRE(even.next() != nullptr);
  CHECK(even.next()->time == 3);
}

}  // namespace peerbed::sim::testing
