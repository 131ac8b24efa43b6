// What a user-defined protocol can provide: its commands, a check; and what happens if one throws.

#include <stdexcept>

#include "scenarios/plan/scenario.h"
#include "scenarios/protocol/simple_protocol.h"
#include "scenarios/run/run_scenario.h"
#include "tests/catch.h"

using namespace peerbed;
using namespace peerbed::scenarios;

namespace {

struct NoOptions {
  template <class Reader>
  void read(Reader&) {}
};

// Counts its commands; at three it throws, at four it traces an unnamed event.
class Counter {
 public:
  static constexpr std::size_t timer_count = 1;
  static constexpr std::array<std::string_view, 1> message_kinds{""};
  static constexpr std::array trace_events{TraceEventType{"counted", {{{"sum", Unit::count}}}}};
  static constexpr std::array commands{CommandForm{"count", "adds one"}, CommandForm{"break", "throws by a timer"}};

  void on_start(Environment&, Start) {}
  void on_datagram(Environment&, Address, Bytes) {}
  void on_timer(Environment&, TimerId) { throw std::runtime_error("broken"); }
  void on_command(Environment& environment, std::string_view line) {
    if (line == "break") return environment.set_timer(0, std::chrono::seconds(1));
    environment.trace(0, {++sum_});
    if (sum_ == 3) throw std::out_of_range("three");
  }
  void on_leave(Environment& environment) { environment.exit(); }
  std::uint64_t sum() const { return sum_; }
  auto fields() const { return std::tie(sum_); }

 private:
  std::uint64_t sum_ = 0;
};

Registry counters() {
  const auto make = [](const NoOptions&, const Member&) { return Counter(); };
  const auto check = [](std::span<const Seen<Counter>> all, CheckReport& report) {
    for (const Seen<Counter>& each : all)
      report.expect("nobody counts beyond one", each.node.sum() <= 1,
                    [&] { return "member " + std::to_string(each.member.index) + " has counted further"; });
  };
  return Registry{protocol<Counter, NoOptions>("counter", "counts", make, check)};
}

Scenario load(const std::string& rest) {
  return load_scenario(parse_document("duration: 30s\ngroups: {c: {protocol: counter, count: 3}}\n" + rest, "t.yaml"),
                       counters());
}

}  // namespace

TEST_CASE("a user-defined protocol lists its commands, and others are refused") {
  REQUIRE_THROWS_WITH(
      load("workload: [{at: 1s, do: cuont}]\n"),
      "t.yaml:3:25: workload.0.do: nodes of group 'c' do not understand this command: 'cuont' is an unknown "
      "command; did you mean 'count'?");
}

TEST_CASE("a user-defined check is one function") {
  const RunResult good = run_scenario(load("workload: [{at: 1s, each: c, do: count}]\n"));
  CHECK(good.good());
  CHECK(good.metrics.find("check.nobody counts beyond one.share")->value == 1);
  const RunResult bad =
      run_scenario(load("workload: [{at: 1s, node: c.1, do: count}, {at: 2s, node: c.1, do: count}]\n"));
  CHECK_FALSE(bad.good());
  REQUIRE(bad.violations.size() == 1);
  CHECK(bad.violations[0].first.what == "member 1 has counted further");
  // Only its properties are unknown before the run.
  CHECK_NOTHROW(load("expect: [check.nobody counts beyond one.share == 100%]\n"));
  REQUIRE_THROWS_WITH(load("expect: [conted.count > 1]\n"),
                      "t.yaml:3:10: expect.0: this scenario has no metric 'conted.count'; did you mean "
                      "'counted.count'?");
}

TEST_CASE("a node that throws ends the run with the node's name, the time and the event") {
  const RunResult command = run_scenario(load("workload: [{every: 2s, node: c.2, do: count}]\n"));
  CHECK_FALSE(command.good());
  CHECK(command.outgrown ==
        "the run was ended at 0:06.000, after 6 events: a node threw an exception, 'three'; nodes must not throw; at "
        "the event "
        "6s: command 'count' at c.2");
  CHECK(command.metrics.find("counted.count")->value == 2);  // what was measured before is kept
  const RunResult timer = run_scenario(load("workload: [{at: 2s, node: c.0, do: break}]\n"));
  CHECK(timer.outgrown ==
        "the run was ended at 0:03.000, after 5 events: a node threw an exception, 'broken'; nodes must not throw; at "
        "the "
        "event 3s: timer 0 at c.0");
}
