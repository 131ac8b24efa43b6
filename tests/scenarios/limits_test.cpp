// Runs that exceed a limit end with a sentence, and keep what was measured so far.

#include <new>
#include <nlohmann/json.hpp>

#include "scenarios/protocol/simple_protocol.h"
#include "scenarios/record/result_json.h"
#include "scenarios/run/run_scenario.h"
#include "scenarios/run/standard_protocols.h"
#include "sim/core/out_of_room.h"
#include "sim/core/pool.h"
#include "tests/catch.h"

using namespace peerbed;
using namespace peerbed::scenarios;

namespace {

struct NoOptions {
  template <class Reader>
  void read(Reader&) {}
};

// On `stand` it sets a timer without delay for ever; on `flood` it sends itself two datagrams for each that it gets; on
// `burst` it allocates more memory than there is.
class Culprit {
 public:
  static constexpr std::size_t timer_count = 1;
  static constexpr std::array<std::string_view, 3> message_kinds{"", "", "ripple"};
  static constexpr std::array<TraceEventType, 0> trace_events{};

  void on_start(Environment&, Start) {}
  void on_datagram(Environment& environment, Address, Bytes) { ripple(environment); }
  void on_timer(Environment& environment, TimerId) { environment.set_timer(0, Duration::zero()); }
  void on_leave(Environment& environment) { environment.exit(); }
  void on_command(Environment& environment, std::string_view line) {
    if (line == "stand") environment.set_timer(0, Duration::zero());
    if (line == "flood") ripple(environment);
    if (line == "burst") throw std::bad_alloc();
    if (line == "full") throw sim::OutOfRoom("as much of one kind is under way as a world holds");
  }
  auto fields() const { return std::tie(); }

 private:
  struct Ripple {
    void encode(Writer& writer) const { writer.header({.version = 1, .kind = 2}); }
  };
  static void ripple(Environment& environment) {
    environment.send(sim::address_of(0), Ripple{});
    environment.send(sim::address_of(1), Ripple{});
  }
};

RunResult run_culprit(const std::string& line, const std::string& more = "") {
  const auto culprit = protocol<Culprit, NoOptions>("culprit", "does what it must not",
                                                    [](const NoOptions&, const Member&) { return Culprit(); });
  const std::string text =
      "duration: 1h\ngroups: {a: {protocol: culprit, count: 2}}\nnetwork: {latency: 10ms}\n"
      "workload: [{at: 5s, node: a.1, do: " +
      line + "}]\n" + more;
  return run_scenario(load_scenario(parse_document(text, "t.yaml"), Registry{culprit}));
}

bool says(const RunResult& result, const std::string& words) {
  INFO(result.outgrown);
  return result.outgrown.find(words) != std::string::npos;
}

}  // namespace

TEST_CASE("a run ends after its maximum number of events, and what was measured is kept") {
  const std::string text =
      "duration: 1h\ngroups: {a: {protocol: ring, count: 20}}\n"
      "workload: [{rate: 10/s, do: \"lookup {key}\"}]\nlimits: {events: 20000}\n";
  const Scenario scenario = load_scenario(parse_document(text, "t.yaml"), standard_protocols());
  const RunResult result = run_scenario(scenario);
  CHECK(result.events == 20000);
  CHECK_FALSE(result.good());
  CHECK_FALSE(result.interrupted);
  CHECK(result.metrics.find("lookup.done.count")->value > 100);
  CHECK(says(result, "after 20,000 events: it reached its limit of 20,000 events; "));
  CHECK(says(result, "events are pending"));
  CHECK(nlohmann::json::parse(result_json(result))["outgrown"] == result.outgrown);
  CHECK(run_scenario(scenario).digest == result.digest);
}

TEST_CASE("a run in which time stands still ends") {
  const RunResult result = run_culprit("stand", "limits: {instant: 1000000}\n");
  CHECK(says(result, "the run was ended at 0:05.000, after "));
  CHECK(says(result,
             "time stands still: more than 1,000,000 events happened within a microsecond; 1 event is pending, "
             "100% of it timers, mostly from a.1 (100%)"));
}

TEST_CASE("a run that takes too much memory names what grew, and which node sent it") {
  const RunResult result = run_culprit("flood", "limits: {memory: 64MiB}\n");
  CHECK(says(result, "pending events take "));
  CHECK(says(result, ", more than its limit of 64MiB; "));
  CHECK(says(result, "100% of them `ripple`, mostly from a."));
  CHECK(run_culprit("flood", "limits: {memory: 64MiB}\n").outgrown == result.outgrown);
}

TEST_CASE("running out of numbers or memory ends the run, not the program") {
  CHECK(says(run_culprit("full"), "0:05.000, after 3 events: as much of one kind is under way as a world holds; "));
  CHECK(says(run_culprit("burst"), "0:05.000, after 3 events: out of memory; nothing is pending"));
}

TEST_CASE("limits are counts and sizes above zero") {
  const auto complaint = [](const std::string& limits) {
    try {
      load_scenario(
          parse_document("duration: 1s\ngroups: {a: {protocol: ring, count: 1}}\nlimits: " + limits, "t.yaml"),
          standard_protocols());
      return std::string();
    } catch (const ScenarioError& error) {
      return std::string(error.what());
    }
  };
  CHECK(complaint("{events: 1, memory: 1GiB, instant: 5}").empty());
  for (const char* wrong : {"{events: 0}", "{memory: 0B}", "{memory: 5}", "{instant: 0}", "{event: 5}"})
    CHECK_FALSE(complaint(wrong).empty());
}
