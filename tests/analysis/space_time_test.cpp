// What a space-time diagram shows of a trace.

#include <unistd.h>

#include <filesystem>

#include "analysis/trace/event_trace_writer.h"
#include "analysis/trace/space_time.h"
#include "tests/catch.h"

using namespace peerbed;
using namespace peerbed::analysis;

namespace {

namespace fs = std::filesystem;

class TraceFile {
 public:
  TraceFile() : name_((fs::temp_directory_path() / ("peerbed_space_" + std::to_string(::getpid()))).string()) {}
  ~TraceFile() { fs::remove(name_); }
  TraceFile(const TraceFile&) = delete;
  TraceFile& operator=(const TraceFile&) = delete;
  const std::string& name() const noexcept { return name_; }

 protected:
  static TraceHeader header() {
    TraceHeader header;
    header.first_address = Address::ipv4(0x0A000001, 4000);
    header.protocols = {{"chat",
                         {"", "ask", "answer"},
                         {{"asked", {{"wait", Unit::nanoseconds}}}, {"calm", {}}},
                         {{"pace"}, {"patience", true}}}};
    header.groups = {{"a", 0, 0, 4}};
    return header;
  }
  static TraceRecord datagram(std::uint64_t event, std::int64_t time, std::uint32_t from, std::uint32_t to,
                              std::uint8_t message, std::uint32_t sequence) {
    return {.kind = RecordKind::datagram,
            .message = message,
            .node = to,
            .event = event,
            .time = time,
            .source = from,
            .sequence = sequence,
            .size = 20};
  }
  static TraceRecord timer(std::uint64_t event, std::int64_t time, std::uint32_t node, std::uint16_t which,
                           std::uint32_t sequence, std::uint32_t next_sequence) {
    return {.kind = RecordKind::timer,
            .number = which,
            .node = node,
            .event = event,
            .time = time,
            .source = node,
            .sequence = sequence,
            .next_sequence = next_sequence};
  }

 private:
  std::string name_;
};

// Node 0 is told to ask node 1, which answers; meanwhile nodes 2 and 3 exchange something unrelated, and faster.
class SmallTrace : public TraceFile {
 public:
  SmallTrace() {
    EventTraceWriter writer(name(), header());
    writer.add({.kind = RecordKind::timer, .number = 1, .node = 2, .event = 1, .time = 50, .source = 2, .sequence = 7});
    writer.add({.kind = RecordKind::command, .node = 0, .event = 2, .time = 100, .bytes = {}});
    writer.add(datagram(3, 110, 2, 3, 1, 0));
    writer.add({.kind = RecordKind::report, .number = 0, .node = 3, .event = 3, .time = 110, .values = {5}});
    writer.add(datagram(4, 140, 0, 1, 1, 0));
    writer.add(datagram(5, 200, 1, 0, 2, 0));
    writer.add({.kind = RecordKind::report, .number = 0, .node = 0, .event = 5, .time = 200, .values = {100}});
    writer.close();
  }
};

// Node 0 asks node 1, which sends its answer at the third of its turns; both have another timer that leads to nothing.
class PacedTrace : public TraceFile {
 public:
  PacedTrace() {
    EventTraceWriter writer(name(), header());
    writer.add({.kind = RecordKind::command, .node = 0, .event = 1, .time = 100, .bytes = {}});
    writer.add(datagram(2, 110, 0, 1, 1, 0));  // sets node 1's timer 0
    writer.add(timer(3, 200, 1, 0, 0, 1));
    writer.add(timer(4, 250, 0, 1, 1, 2));
    writer.add(timer(5, 300, 1, 0, 1, 2));
    writer.add(timer(6, 350, 0, 1, 2, 3));
    writer.add(timer(7, 400, 1, 0, 2, 3));
    writer.add(datagram(8, 410, 1, 0, 2, 3));
    writer.add({.kind = RecordKind::report, .number = 0, .node = 0, .event = 8, .time = 410, .values = {310}});
    writer.close();
  }
};

std::vector<std::uint64_t> events_of(const SpaceTime& shown) {
  std::vector<std::uint64_t> events;
  for (const SpaceTimeStep& step : shown.steps) events.push_back(step.event);
  return events;
}

}  // namespace

TEST_CASE("without a window a space-time diagram shows what led to the end of the slowest operation") {
  const SmallTrace trace;
  const auto shown = space_time_of(trace.name(), std::nullopt);
  REQUIRE(shown);
  CHECK(events_of(*shown) == std::vector<std::uint64_t>{2, 4, 5});  // nothing of nodes 2 and 3
  CHECK(shown->of == 4);
  CHECK(shown->from == 100);
  CHECK(shown->until == 200);
  CHECK(shown->chosen == "around the slowest asked, at the nodes that had a part in it");
  const SpaceTimeStep& question = shown->steps[1];
  CHECK(question.cause == 2);
  CHECK(question.source == 0);
  CHECK(question.sent == 100);
  CHECK(question.label == "ask");
  const SpaceTimeStep& answer = shown->steps[2];
  CHECK(answer.cause == 4);
  CHECK(answer.sent == 140);
  CHECK(answer.label == "answer, asked");
}

TEST_CASE("a space-time diagram shows the turn at which something was sent, and not those before it") {
  const PacedTrace trace;
  const auto shown = space_time_of(trace.name(), std::nullopt);
  REQUIRE(shown);
  CHECK(events_of(*shown) == std::vector<std::uint64_t>{1, 2, 7, 8});
  CHECK(shown->steps[2].label == "pace");
  CHECK(shown->steps[3].cause == 7);
}

TEST_CASE("with a window a space-time diagram shows all steps within it") {
  const SmallTrace trace;
  const auto shown = space_time_of(trace.name(), TimeWindow{110, 200});
  REQUIRE(shown);
  CHECK(events_of(*shown) == std::vector<std::uint64_t>{3, 4});
  CHECK(shown->steps[1].cause == 2);
  CHECK(!shown->steps[1].sent);  // before the window
  CHECK(!space_time_of(trace.name(), TimeWindow{300, 400}));
}
