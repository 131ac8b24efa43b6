// Runs of whole scenarios: they give the same result however they are run, and their expectations hold.

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "scenarios/plan/lower.h"
#include "scenarios/record/result_json.h"
#include "scenarios/run/run_scenario.h"
#include "scenarios/run/standard_protocols.h"
#include "scenarios/text/units.h"
#include "tests/catch.h"
#include "tests/scenarios/eventful.h"

using namespace peerbed;
using namespace peerbed::scenarios;
using peerbed::tests::eventful;

namespace {

namespace fs = std::filesystem;

const fs::path source(PEERBED_SOURCE_DIR);

std::vector<fs::path> scenarios_in_the_box() {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(source / "scenarios"))
    if (entry.path().extension() == ".yaml") files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

Scenario load(const fs::path& file) { return load_scenario(file.string(), standard_protocols()); }

Scenario load_text(const std::string& text) {
  return load_scenario(parse_document(text, "t.yaml"), standard_protocols());
}

class NullObserver final : public Observer {
 public:
  void on_step(const Step&) override { ++steps; }
  std::uint64_t steps = 0;
};

}  // namespace

TEST_CASE("a run is the same twice, with either queue, and observed or not") {
  const Scenario scenario = load_text(eventful);
  const RunResult first = run_scenario(scenario);
  CHECK(first.events > 1000);
  CHECK(run_scenario(scenario).digest == first.digest);
  RunOptions heap;
  heap.queue = sim::EventQueueKind::heap;
  CHECK(result_json(run_scenario(scenario, heap)) == result_json(first));
  NullObserver observer;
  RunOptions watched;
  watched.observers.push_back(&observer);
  watched.on_progress = [](const Progress&) { return true; };
  CHECK(result_json(run_scenario(scenario, watched)) == result_json(first));
  CHECK(observer.steps == first.events);
}

TEST_CASE("another seed gives another run") {
  CHECK(run_scenario(load_text(eventful)).digest != run_scenario(load_text(eventful + "seed: 2\n")).digest);
}

TEST_CASE("a lowered scenario replays to the same digest") {
  const Scenario scenario = load_text(eventful);
  const auto actions = lowered_actions(scenario);
  const std::string resolved = resolved_scenario(scenario, actions);
  INFO(resolved);
  const Scenario lowered = load_text(resolved);
  CHECK(lowered.churn.empty());
  CHECK(lowered.faults.size() == actions.size());
  CHECK(run_scenario(lowered).digest == run_scenario(scenario).digest);
  CHECK(resolved_scenario(lowered, lowered_actions(lowered)) == resolved);
}

namespace {

// A ring that follows a trace; `a` is its group, and there may be others.
Scenario traced(const std::string& trace, const std::string& groups, const std::string& more = "") {
  const fs::path file = fs::temp_directory_path() / ("peerbed_run_test_" + std::to_string(getpid()));
  std::ofstream(file) << trace;
  Scenario scenario = load_text("duration: 600s\ngroups: {" + groups + "}\nchurn: [{trace: a, file: '" + file.string() +
                                "'" + more + "}]\n");
  fs::remove(file);
  return scenario;
}

// What a run and its lowered scenario agree on.
RunResult run_and_replay(const Scenario& scenario) {
  const RunResult result = run_scenario(scenario);
  const std::string resolved = resolved_scenario(scenario, lowered_actions(scenario));
  INFO(resolved);
  CHECK(run_scenario(load_text(resolved)).digest == result.digest);
  CHECK(result.violation_count == 0);
  return result;
}

double value(const RunResult& result, const std::string& metric) {
  const auto found = result.metrics.find(metric);
  return found ? found->value : -1;
}

}  // namespace

TEST_CASE("the hosts of a trace that are up at first form the ring, and the others join it") {
  const RunResult few = run_and_replay(traced("a 1 50 100\nb 1 0 600\nc 0\n", "a: {protocol: ring, count: 3}"));
  CHECK(value(few, "nodes.started") == 2);
  CHECK(value(few, "nodes.up_at_end") == 1);
  CHECK(value(few, "nodes.crashed") == 1);
  const RunResult most = run_and_replay(
      traced("a 1 0 900\nb 1 10 900\nc 1 0 900\nd 1 20 900\ne 2 0 5 30 900\n", "a: {protocol: ring, count: 5}"));
  CHECK(value(most, "nodes.started") == 6);
  CHECK(value(most, "nodes.up_at_end") == 5);
  CHECK(value(most, "check.every running node is a member.share") == 1);
}

TEST_CASE("a ring that nobody runs from the beginning is begun by the node that churn starts first") {
  for (const char* start : {"", ", start: never"})
    for (const char* protocol : {"ring", "coursework"}) {
      CAPTURE(start, protocol);
      const RunResult result =
          run_and_replay(traced("a 1 200 900\nb 1 30 900\nc 1 10 900\nd 1 15 900\n",
                                std::string("a: {protocol: ") + protocol + ", count: 4" + start + "}"));
      CHECK(value(result, "nodes.up_at_end") == 4);
      CHECK(value(result, "check.every running node is a member.share") == 1);
      CHECK(value(result, "check.one cycle in the order of keys.share") == 1);
    }
}

TEST_CASE("with an anchor that stays, nodes of a trace join although all others have gone") {
  const std::string trace = "a 1 0 100\nb 1 0 150\nc 1 200 900\nd 1 300 400\n";
  const Scenario alone = traced(trace, "a: {protocol: ring, count: 4}");
  REQUIRE(alone.remarks.size() == 1);
  CHECK(alone.remarks[0].find("name it as `bootstrap`") != std::string::npos);
  const Scenario scenario =
      traced(trace, "anchor: {protocol: ring, count: 1}, a: {protocol: ring, count: 4, bootstrap: anchor}");
  CHECK(scenario.remarks.empty());
  const RunResult result = run_and_replay(scenario);
  CHECK(value(result, "nodes.up_at_end") == 2);
  CHECK(value(result, "check.every running node is a member.share") == 1);
}

TEST_CASE("a ring in equilibrium begins with those that are up") {
  for (const char* seed : {"1", "2", "3"}) {
    const RunResult result = run_and_replay(
        load_text("duration: 10min\nseed: " + std::string(seed) +
                  "\ngroups: {anchor: {protocol: ring, count: 1}, a: {protocol: ring, count: 100, bootstrap: anchor}}\n"
                  "churn: [{nodes: a, session: {lomax: {shape: 3, mean: 2h}}, down: {weibull: {shape: 0.5, mean: 3h}}, "
                  "begin: equilibrium}]\n"));
    CHECK(value(result, "nodes.up_at_end") == Approx(41).margin(20));
    CHECK(value(result, "nodes.started") < 60);
  }
}

TEST_CASE("checks and measurements do not change a run") {
  const std::uint64_t digest = run_scenario(load_text(eventful)).digest;
  Scenario unchecked = load_text(eventful);
  unchecked.check_period = unchecked.duration * 2;
  unchecked.expectations.clear();
  CHECK(run_scenario(unchecked).digest == digest);
}

TEST_CASE("every built-in scenario meets its expectations, with its golden digest") {
  const fs::path golden = source / "tests/golden/scenarios.txt";
  std::map<std::string, std::string> digests;
  std::ifstream stream(golden);
  for (std::string name, digest; stream >> name >> digest;) digests[name] = digest;
  const bool update = std::getenv("UPDATE_GOLDEN") != nullptr;
  std::ostringstream updated;
  REQUIRE(scenarios_in_the_box().size() >= 9);
  for (const fs::path& file : scenarios_in_the_box()) {
    const RunResult result = run_scenario(load(file));
    const std::string name = file.stem().string();
    CAPTURE(name, result.seed);
    for (const ExpectationResult& expectation : result.expectations) {
      INFO(expectation.text << " " << expectation.actual);
      CHECK(expectation.held);
    }
    if (!update) CHECK(digest_text(result.digest) == digests[name]);
    updated << name << ' ' << digest_text(result.digest) << '\n';
  }
  if (update) std::ofstream(golden) << updated.str();
}

TEST_CASE("every built-in scenario meets its expectations with other seeds too", "[.nightly]") {
  for (const fs::path& file : scenarios_in_the_box())
    for (const char* seed : {"2", "3", "4", "5", "6", "7", "8", "9"}) {
      const RunResult result =
          run_scenario(load_scenario(file.string(), standard_protocols(), {{"seed", seed, "the test"}}));
      CAPTURE(file.stem(), seed);
      for (const ExpectationResult& expectation : result.expectations) {
        INFO(expectation.text << " " << expectation.actual);
        CHECK(expectation.held);
      }
    }
}

TEST_CASE("every built-in scenario begins with a comment that says what it shows") {
  for (const fs::path& file : scenarios_in_the_box()) {
    std::ifstream stream(file);
    std::string line;
    std::getline(stream, line);
    CAPTURE(file);
    CHECK(line.starts_with("# "));
    CHECK(line.size() > 30);
  }
}

TEST_CASE("what nodes print is kept among what happened to them, except for lines that the scenario hides") {
  const std::string text = R"(duration: 20s
network: {latency: 10ms}
groups:
  a: {protocol: coursework, count: 3, options: {identifiers: [7, 100, 200], ping_interval: 5s}}
workload: [{at: 1s, node: peer 7, do: Store 0050}]
faults: [{at: 3s, crash: peer 200, for: 1s}]
)";
  const auto lines_with = [&](const std::string& setting) {
    std::vector<std::string> shown;
    const Scenario scenario = load_text(text + setting);
    for (const PrintedLine& line : run_scenario(scenario).lines)
      shown.push_back(show_moment(line.at) + " " + scenario.name_of(line.node) + " " + line.text);
    return shown;
  };
  CHECK(lines_with("show_lines: false\n").empty());
  CHECK(lines_with("show_lines: true\n").front() == "0:00.000 peer 7 Ping requests sent to Peers 100 and 200");
  const std::vector<std::string> shown = lines_with("show_lines: {without: [Ping request, Ping response]}\n");
  REQUIRE(shown.size() > 5);
  CHECK(shown[0] == "0:01.000 peer 7 > Store 0050");
  CHECK(shown[1] == "0:01.000 peer 7 Store 0050 request forwarded to my successor");
  CHECK(shown[2] == "0:01.010 peer 100 Store 0050 request accepted");
  CHECK(shown[3] == "0:03.000 peer 200 (crashes)");
  CHECK(shown[4] == "0:04.000 peer 200 (starts)");
  CHECK(lines_with("show_lines: {without: \"\"}\n").size() == 3);  // hides everything printed
}

TEST_CASE("a ring of the profile coursework, as older files write it, is the coursework") {
  const auto run = [](const std::string& protocol, const std::string& option) {
    return run_scenario(load_text("duration: 2min\ngroups:\n  a: {protocol: " + protocol + ", count: 7, options: {" +
                                  option +
                                  "ping_interval: 5s}}\n"
                                  "  b: {protocol: " +
                                  protocol + ", count: 2, start: joining, options: {" + option +
                                  "rpc_attempts: 3}}\n"
                                  "workload: [{rate: 1/s, do: Store 0123}]\nfaults: [{at: 50s, crash: a.3}]\n"));
  };
  const RunResult present = run("coursework", "");
  const RunResult older = run("ring", "profile: coursework, key_bits: 8, ");
  CHECK(older.digest == present.digest);
  CHECK(older.metrics.find("ring.members")->value == 8);
  CHECK(older.metrics.all().size() == present.metrics.all().size());
  CHECK(older.metrics.find("message.successor_ping.count")->value > 100);
}

TEST_CASE("each process of a group is given its first commands when it starts") {
  const Scenario scenario = load_text(R"(duration: 30s
groups:
  a: {protocol: ring, count: 3, on_start: [lookup 1, lookup 2]}
  b: {protocol: ring, count: 1, on_start: lookup 3, start: never}
lowered: true
faults: [{at: 10s, crash: a.1, for: 5s}]
show_lines: true
)");
  std::map<std::string, int> given;
  for (const PrintedLine& line : run_scenario(scenario).lines)
    if (line.text.starts_with("> ")) ++given[scenario.name_of(line.node) + " " + line.text.substr(2)];
  const std::map<std::string, int> expected{{"a.0 lookup 1", 1}, {"a.0 lookup 2", 1}, {"a.1 lookup 1", 2},
                                            {"a.1 lookup 2", 2}, {"a.2 lookup 1", 1}, {"a.2 lookup 2", 1}};
  CHECK(given == expected);
}

TEST_CASE("an expectation that does not hold reports the actual value, and fails the run") {
  const RunResult result = run_scenario(load_text(
      "duration: 5s\ngroups:\n  a: {protocol: ring, count: 3}\nworkload:\n  - {every: 1s, do: \"lookup {key}\"}\n"
      "expect: [lookup.done.count > 100, message.kind-9.count == 1, nodes.started == 3]\n"));
  CHECK_FALSE(result.good());
  REQUIRE(result.expectations.size() == 4);
  CHECK(result.expectations[0].actual == "was 4");
  CHECK(result.expectations[1].actual.starts_with("this run has no such metric"));
  CHECK(result.expectations[2].held);
  CHECK(result.expectations[3].text == "violations == 0");
}

TEST_CASE("the ring's checks detect a ring that is partitioned for good") {
  const RunResult result = run_scenario(load_text(R"(duration: 10min
groups:
  a: {protocol: ring, count: 20, options: {successor_list_length: 2, replicas: 2}}
workload:
  - {every: 200ms, until: 20s, do: "put n{number} x"}
faults:
  - {at: 30s, crash: {random: 80%}, disk: wipe}
checks: {every: 5s, settle: 1min}
)"));
  CHECK(result.violation_count > 0);
  CHECK_FALSE(result.good());
  CHECK(result.metrics.find("check.acknowledged values survive.share")->value < 1);
}

TEST_CASE("a run that is stopped says so and has partial results") {
  RunOptions options;
  options.on_progress = [](const Progress&) { return false; };
  const RunResult result = run_scenario(load(source / "scenarios/ring-steady.yaml"), options);
  CHECK(result.interrupted);
  CHECK_FALSE(result.good());
  CHECK(result.events > 0);
}
