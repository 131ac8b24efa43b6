// `checks: [history]`: what is asked for, and what a run says.

#include <nlohmann/json.hpp>

#include "scenarios/backends/simulated_backend.h"
#include "scenarios/plan/scenario.h"
#include "scenarios/protocol/simple_protocol.h"
#include "scenarios/record/run_recorder.h"
#include "scenarios/run/run_scenario.h"
#include "scenarios/run/standard_protocols.h"
#include "tests/catch.h"

using namespace peerbed;
using namespace peerbed::scenarios;

namespace {

struct NoOptions {
  template <class Reader>
  void read(Reader&) {}
};

// A store that forgets to tell others: each node has its own value of the only key.
class Shelf {
 public:
  static constexpr std::size_t timer_count = 1;
  static constexpr std::array<std::string_view, 1> message_kinds{""};
  static constexpr std::array trace_events{
      TraceEventType{"put.begun", {{{"key", Unit::identifier}, {"operation", Unit::identifier}}}},
      TraceEventType{"value.acknowledged", {{{"operation", Unit::identifier}}}},
      TraceEventType{"get.begun", {{{"operation", Unit::identifier}, {"key", Unit::identifier}}}},
      TraceEventType{"get.returned",
                     {{{"put", Unit::identifier}, {"operation", Unit::identifier}, {"time", Unit::identifier}}}}};
  static constexpr std::array commands{CommandForm{"put", "puts"}, CommandForm{"get", "gets"}};

  void on_start(Environment&, Start) {}
  void on_datagram(Environment&, Address, Bytes) {}
  void on_timer(Environment&, TimerId) {}
  void on_command(Environment& environment, std::string_view line) {
    const std::uint64_t operation = ++operations_ + 1000 * environment.self().value;
    if (line == "put") {
      environment.trace(0, {key, operation});
      value_ = operation;
      environment.trace(1, {operation});
    } else {
      environment.trace(2, {operation, key});
      environment.trace(3, {value_, operation, value_ == 0 ? 0u : 1u});
    }
  }
  void on_leave(Environment& environment) { environment.exit(); }
  auto fields() const { return std::tie(operations_, value_); }

 private:
  static constexpr std::uint64_t key = 7;
  std::uint64_t operations_ = 0;
  std::uint64_t value_ = 0;
};

Registry with_shelves() {
  Registry registry = standard_protocols();
  registry.add(protocol<Shelf, NoOptions>("shelf", "keeps values to itself",
                                          [](const NoOptions&, const Member&) { return Shelf(); }));
  return registry;
}

Scenario load(const std::string& text) {
  static const Registry registry = with_shelves();
  return load_scenario(parse_document("duration: 30s\n" + text, "t.yaml"), registry);
}

double metric(const RunResult& result, const std::string& name) {
  const auto found = result.metrics.find(name);
  INFO(name);
  REQUIRE(found);
  return found->value;
}

const std::string shelves = "groups: {s: {protocol: shelf, count: 2}}\n";
const std::string ring = R"(groups: {n: {protocol: ring, count: 8}}
workload:
  - {rate: 4/s, from: 1s, until: 25s, do: "put k-{below:3} {text:9}"}
  - {rate: 9/s, from: 1s, until: 25s, do: "get k-{below:4}"}
)";

}  // namespace

TEST_CASE("what is judged has to be known, and has to exist") {
  REQUIRE_THROWS_WITH(load(shelves + "checks: [histroy]\n"),
                      Catch::Matchers::Contains("checks") && Catch::Matchers::Contains("history"));
  REQUIRE_THROWS_WITH(
      load("groups: {t: {protocol: swarm, count: 1, options: {role: tracker}}}\nchecks: [history]\n"),
      "t.yaml:3:9: checks: no group puts and gets values, so there is no history to judge; remove 'history'");
  REQUIRE_THROWS_WITH(load(shelves + "expect: [history.regular.share == 100%]\n"),
                      "t.yaml:3:10: expect.0: 'history.regular.share' is measured only where histories are judged; add "
                      "`checks: [history]`");
  REQUIRE_THROWS_WITH(load(shelves + "checks: [history]\nexpect: [history.reguler.share == 100%]\n"),
                      Catch::Matchers::Contains("did you mean 'history.regular.share'?"));
  CHECK(load(shelves + "checks: history\n").judges_history);
  CHECK(load(shelves + "checks: {every: 1s, history: true}\n").judges_history);
  CHECK_FALSE(load(shelves + "checks: {every: 1s, history: false}\n").judges_history);
  CHECK_FALSE(load(shelves + "checks: []\n").judges_history);
}

TEST_CASE("a protocol of one's own that traces its puts and gets has its history judged") {
  const RunResult result = run_scenario(
      load(shelves + "workload: [{at: 1s, node: s.0, do: put}, {at: 2s, node: s.1, do: get}]\nchecks: [history]\n"));
  CHECK(metric(result, "history.keys") == 1);
  CHECK(metric(result, "history.regular.share") == 0);
  CHECK(metric(result, "history.monotonic.share") == 1);
  REQUIRE(result.history);
  REQUIRE(result.history->worst);
  CHECK(result.history->worst->why ==
        "the get by s.1 that ended at 2.000 s found nothing, although value 1 was acknowledged before the get began");
}

TEST_CASE("judging a history does not change a run, and its metrics exist only if it is judged") {
  const RunResult judged = run_scenario(load(ring + "checks: [history]\n"));
  const RunResult other = run_scenario(load(ring));
  CHECK(judged.digest == other.digest);
  CHECK_FALSE(other.metrics.find("history.keys"));
  CHECK(metric(judged, "history.keys") == 4);  // one of them is never put
  CHECK(metric(judged, "history.gets") == metric(judged, "get.returned.count"));
  CHECK(metric(judged, "history.unwatched") == 0);
  CHECK(metric(judged, "history.regular.share") == 1);
}

TEST_CASE("the record of a run has the time diagram of its worst key") {
  const Scenario scenario = load(ring + "checks: [history]\n");
  SimulatedBackend backend(scenario, sim::EventQueueKind::wheel);
  RunRecorder recorder(scenario);
  RunOptions options;
  options.recorder = &recorder;
  run_scenario(scenario, backend, options);
  const auto told = nlohmann::json::parse(recorder.json()).at("history");
  CHECK(told.at("keys") == 4);
  CHECK(told.at("atomic").get<int>() + told.at("regular").get<int>() == 4);
  const auto& operations = told.at("worst").at("operations");
  REQUIRE(operations.size() > 10);
  double from = 0;
  for (const auto& each : operations) {
    CHECK(each.at("from").get<double>() >= from);
    from = each.at("from").get<double>();
    CHECK(each.at("node").get<std::string>().starts_with("n."));
  }
}
