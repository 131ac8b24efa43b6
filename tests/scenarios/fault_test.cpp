// Every fault, once, and what the nodes notice of it.

#include "tests/catch.h"
#include "tests/scenarios/probe.h"

using namespace peerbed;
using namespace peerbed::tests;

TEST_CASE("a crash keeps the disk unless told to wipe it, and nothing arrives meanwhile") {
  const std::string story = R"(workload:
  - {at: 1s, node: a.1, do: store 7}
  - {at: 2500ms, node: a.0, do: ask 1}
  - {at: 3500ms, node: a.0, do: ask 1}
)";
  CHECK(told(story + "faults: [{at: 2s, crash: a.1, for: 1s}]\n") ==
        Lines{"0:03.000 a.1 starts with 1 stored", "0:03.510 a.1 hears 0"});
  CHECK(told(story + "faults: [{at: 2s, crash: a.1, disk: wipe}, {at: 3s, start: a.1}]\n") ==
        Lines{"0:03.000 a.1 starts with 0 stored", "0:03.510 a.1 hears 0"});
}

TEST_CASE("a node that leaves is asked to leave, and returns when it is told to") {
  CHECK(told("faults: [{at: 2s, leave: b, for: 3s}]\n") == Lines{"0:02.000 b.0 leaves", "0:02.000 b.1 leaves",
                                                                 "0:05.000 b.0 starts with 0 stored",
                                                                 "0:05.000 b.1 starts with 0 stored"});
}

TEST_CASE("what reaches a paused node is handled when it resumes") {
  const std::string story = "workload: [{at: 2500ms, node: 0, do: ask 1}, {at: 1990ms, node: 1, do: wait 20}]\n";
  const Lines late{"0:04.000 a.1 waited until 4s", "0:04.000 a.1 hears 0"};
  CHECK(told(story + "faults: [{at: 2s, pause: 1, for: 2s}]\n") == late);
  CHECK(told(story + "faults: [{at: 2s, pause: 1}, {at: 4s, resume: 1}]\n") == late);
  CHECK(told(story) == Lines{"0:02.010 a.1 waited until 2010ms", "0:02.510 a.1 hears 0"});
}

namespace {

// Node 0 and node 3 ask each other every second, and node 1 asks node 3.
const std::string chatter = R"(workload:
  - {every: 1s, times: 4, node: 0, do: ask 3}
  - {every: 1s, times: 4, node: 3, do: ask 0}
  - {every: 1s, times: 4, node: 1, do: ask 3}
)";

// At which seconds node `to` heard node `from`.
std::string seconds_heard(const Lines& lines, const std::string& to, const std::string& from) {
  std::string seconds;
  for (const std::string& line : lines)
    if (line.find(" " + to + " hears " + from) != std::string::npos) seconds += line[3];
  return seconds;
}

struct Heard {
  std::string first;   // by b.0 from 0
  std::string second;  // by a.0 from 3
  std::string third;   // by b.0 from 1
  bool operator==(const Heard&) const = default;
};
std::ostream& operator<<(std::ostream& out, const Heard& heard) {
  return out << heard.first << ' ' << heard.second << ' ' << heard.third;
}

Heard heard(const std::string& faults) {
  const Lines lines = told(chatter + "faults: [" + faults + "]\n");
  return {seconds_heard(lines, "b.0", "0"), seconds_heard(lines, "a.0", "3"), seconds_heard(lines, "b.0", "1")};
}

}  // namespace

TEST_CASE("partitions cut two groups, one direction, one node from all others, or two nodes") {
  CHECK(heard("{at: 9s, partition: 2}") == Heard{"1234", "1234", "1234"});
  CHECK(heard("{at: 1500ms, partition: a, for: 2s}") == Heard{"14", "14", "14"});
  CHECK(heard("{at: 1500ms, partition: a, one_way: true, for: 2s}") == Heard{"14", "1234", "14"});
  CHECK(heard("{at: 1500ms, partition: b, against: a, one_way: true, for: 2s}") == Heard{"1234", "14", "1234"});
  CHECK(heard("{at: 1500ms, partition: 0, for: 2s}") == Heard{"14", "14", "1234"});
  CHECK(heard("{at: 1500ms, partition: 1, against: b.0, for: 2s}") == Heard{"1234", "1234", "14"});
}

TEST_CASE("a partition is healed by its name, or together with all others") {
  const std::string two = "{at: 1500ms, partition: 0, name: left}, {at: 1500ms, partition: 1, name: right}, ";
  CHECK(heard(two + "{at: 2500ms, heal: right}") == Heard{"1", "1", "134"});
  CHECK(heard(two + "{at: 2500ms, heal: left}") == Heard{"134", "134", "1"});
  CHECK(heard(two + "{at: 2500ms, heal: all}") == Heard{"134", "134", "134"});
}

TEST_CASE("what a clogged node sends waits, and then leaves together") {
  const Lines lines = told(chatter + "faults: [{at: 1500ms, clog: 0, against: 3, for: 2s}]\n");
  CHECK(std::count(lines.begin(), lines.end(), "0:03.510 b.0 hears 0") == 2);
  CHECK(seconds_heard(lines, "a.0", "3") == "1234");
  CHECK(seconds_heard(lines, "b.0", "1") == "1234");
}

TEST_CASE("network conditions change everywhere or from one group to another, and are restored") {
  CHECK(heard("{at: 1500ms, network: {loss: 100%}, for: 1s}") == Heard{"134", "134", "134"});
  CHECK(heard("{at: 1500ms, network: {loss: 100%}}, {at: 3500ms, network: restored}") == Heard{"14", "14", "14"});
  CHECK(heard("{at: 1500ms, network: {loss: 100%}, from: a, to: b, for: 1s}") == Heard{"134", "1234", "134"});
  CHECK(heard("{at: 1500ms, network: {loss: 100%}, from: b, to: a}, {at: 2500ms, network: restored, from: b, to: a}") ==
        Heard{"1234", "134", "1234"});
  const Lines slow = told(
      "workload: [{every: 1s, times: 3, node: 0, do: ask 3}]\n"
      "faults: [{at: 1500ms, network: {latency: 300ms}, for: 1s}]\n");
  CHECK(slow == Lines{"0:01.010 b.0 hears 0", "0:02.300 b.0 hears 0", "0:03.010 b.0 hears 0"});
}

TEST_CASE("a wrong clock shows another time, and a drifting one waits for another duration") {
  const std::string story = "workload: [{at: 2s, node: 0, do: wait 1000}, {at: 6s, node: 0, do: wait 1000}]\n";
  CHECK(told(story + "faults: [{at: 1s, clock: 0, offset: -500ms, for: 4s}]\n") ==
        Lines{"0:03.000 a.0 waited until 2500ms", "0:07.000 a.0 waited until 7s"});
  CHECK(told(story + "faults: [{at: 2s, clock: 0, offset: 1h, drift: 25%, for: 3s}]\n") ==
        Lines{"0:02.800 a.0 waited until 3603s", "0:07.000 a.0 waited until 7s"});
}

TEST_CASE("what a lying node sends is damaged as often as requested") {
  const std::string story = "workload: [{every: 10ms, from: 1s, times: 400, node: 0, do: ask 1}]\n";
  const auto noise = [&](const std::string& faults) {
    const Lines lines = told(story + "faults: [" + faults + "]\n");
    CHECK(lines.size() == 400);
    return std::count_if(lines.begin(), lines.end(),
                         [](const std::string& line) { return line.find("noise") != std::string::npos; });
  };
  CHECK(noise("{at: 0s, lie: 1}") == 0);
  CHECK(noise("{at: 2s, lie: 0, for: 1s}") == 100);
  CHECK(noise("{at: 0s, lie: 0, share: 25%}") == Approx(100).margin(40));
}

TEST_CASE("a disk that is full or fails takes nothing until it is restored") {
  const std::string story = "workload: [{at: 500ms, node: 0, do: store 7}]\n";
  const auto stored = [&](const std::string& fault) {
    return told(story + "faults: [" + fault + "{at: 1s, crash: 0, for: 1s}]\n");
  };
  CHECK(stored("") == Lines{"0:02.000 a.0 starts with 1 stored"});
  CHECK(stored("{at: 100ms, storage: 0, capacity: 3B}, ") == Lines{"0:02.000 a.0 starts with 0 stored"});
  CHECK(stored("{at: 100ms, storage: 0, capacity: 3B, for: 300ms}, ") == Lines{"0:02.000 a.0 starts with 1 stored"});
  CHECK(stored("{at: 100ms, storage: a, failing: 100%}, ") == Lines{"0:02.000 a.0 starts with 0 stored"});
  CHECK(stored("{at: 100ms, storage: a, failing: 100%}, {at: 200ms, storage: 0, restored: true}, ") ==
        Lines{"0:02.000 a.0 starts with 1 stored"});
}

TEST_CASE("a command is given to each of its nodes at its time") {
  CHECK(told("faults: [{at: 3s, command: [a.0, b], do: ask 1}]\n") ==
        Lines{"0:03.010 a.1 hears 0", "0:03.010 a.1 hears 3", "0:03.010 a.1 hears 4"});
}

TEST_CASE("a rolling restart stops one node after the other, by crashing or leaving") {
  CHECK(told("faults: [{at: 1s, rolling_restart: a, spacing: 2s, for: 500ms}]\n") ==
        Lines{"0:01.500 a.0 starts with 0 stored", "0:03.500 a.1 starts with 0 stored",
              "0:05.500 a.2 starts with 0 stored"});
  CHECK(told("faults: [{at: 1s, rolling_restart: b, spacing: 1s, for: 2s, graceful: true}]\n") ==
        Lines{"0:01.000 b.0 leaves", "0:02.000 b.1 leaves", "0:03.000 b.0 starts with 0 stored",
              "0:04.000 b.1 starts with 0 stored"});
  const std::string stored = "workload: [{at: 500ms, node: 0, do: store 7}]\n";
  CHECK(told(stored + "faults: [{at: 1s, rolling_restart: 0, spacing: 1s, for: 1s}]\n") ==
        Lines{"0:02.000 a.0 starts with 1 stored"});
  CHECK(told(stored + "faults: [{at: 1s, rolling_restart: 0, spacing: 1s, for: 1s, disk: wipe}]\n") ==
        Lines{"0:02.000 a.0 starts with 0 stored"});
}

TEST_CASE("one message is lost, doubled or delayed, counted from the time of the action") {
  const std::string story = "workload: [{every: 1s, times: 4, node: 0, do: ask 3}, {at: 2s, node: 1, do: ask 3}]\n";
  const auto heard = [&](const std::string& faults) { return told(story + "faults: [" + faults + "]\n"); };
  CHECK(heard("{at: 1500ms, lose: question, from: 0, to: 3}, {at: 1500ms, lose: question, from: 0, to: 3, nth: 3}") ==
        Lines{"0:01.010 b.0 hears 0", "0:02.010 b.0 hears 1", "0:03.010 b.0 hears 0"});
  CHECK(heard("{at: 2s, double: any, from: 1, to: 3, by: 200ms}, {at: 0s, lose: any, from: 0, to: 4}") ==
        Lines{"0:01.010 b.0 hears 0", "0:02.010 b.0 hears 0", "0:02.010 b.0 hears 1", "0:02.210 b.0 hears 1",
              "0:03.010 b.0 hears 0", "0:04.010 b.0 hears 0"});
  CHECK(heard("{at: 1s, delay: question, from: 0, to: 3, by: 1500ms}, "
              "{at: 1s, delay: question, from: 0, to: 3, nth: 3, by: -9ms}, "
              "{at: 4s, delay: any, from: 0, to: 3, by: -1h}") == Lines{"0:02.010 b.0 hears 0", "0:02.010 b.0 hears 1",
                                                                        "0:02.510 b.0 hears 0", "0:03.001 b.0 hears 0",
                                                                        "0:04.000 b.0 hears 0"});
}

TEST_CASE("a deed on a single message that names no message or no way is refused where it is written") {
  const auto refusal = [](const std::string& fault) {
    try {
      told("faults: [{at: 1s, " + fault + "}]\n");
      return std::string("accepted");
    } catch (const scenarios::ScenarioError& error) {
      return std::string(error.what());
    }
  };
  CHECK(refusal("lose: qestion, from: 0, to: 1").find("did you mean 'question'?") != std::string::npos);
  CHECK(refusal("lose: any, from: 0, to: 0").find("do not cross the network") != std::string::npos);
  CHECK(refusal("delay: any, from: 0, to: 1").find("by") != std::string::npos);
  CHECK(refusal("lose: any, from: 0, to: 1, by: 1s").find("by") != std::string::npos);
  CHECK(refusal("lose: any, from: 0, to: 1, for: 1s").find("one message") != std::string::npos);
}
