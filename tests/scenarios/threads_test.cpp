// A scenario on several threads gives the same results as on one, and the same of everything that is saved.

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "analysis/results/link_table.h"
#include "scenarios/record/link_log.h"
#include "scenarios/record/result_json.h"
#include "scenarios/record/run_recorder.h"
#include "scenarios/run/run_scenario.h"
#include "scenarios/run/standard_protocols.h"
#include "tests/catch.h"
#include "tests/scenarios/eventful.h"

using namespace peerbed;
using namespace peerbed::scenarios;

namespace {

namespace fs = std::filesystem;

const fs::path box = fs::path(PEERBED_SOURCE_DIR) / "scenarios";

// All that happened, in order.
class Steps final : public Observer {
 public:
  void on_step(const Step& step) override {
    for (const std::uint64_t word :
         {static_cast<std::uint64_t>(nanoseconds_since_start(step.time)), std::uint64_t{step.destination},
          std::uint64_t{step.source}, std::uint64_t{step.sequence}, std::uint64_t{step.next_sequence},
          std::uint64_t{step.peer_stream.value}})
      all.push_back(word);
  }
  void on_trace(Time, NodeIndex node, std::uint16_t event, const TraceValues& values) override {
    all.push_back(event);
    all.push_back(node);
    all.insert(all.end(), values.begin(), values.end());
  }
  std::vector<std::uint64_t> all;
};

// What a run leaves behind.
struct Left {
  Left(const Scenario& scenario, std::size_t threads) {
    RunRecorder recorder(scenario);
    LinkLog links(scenario, recorder.interval());
    Steps observer;
    RunOptions options;
    options.threads = threads;
    options.on_one_thread = [this](const std::string& reason) { why += reason; };
    options.recorder = &recorder;
    options.links = &links;
    options.observers = {&observer};
    const RunResult run = run_scenario(scenario, options);
    result = result_json(run);
    chronicle = recorder.json();
    timeline = analysis::timeline_csv(recorder.timeline());
    link_table = analysis::links_csv(links.finish(time_zero + run.simulated));
    steps = std::move(observer.all);
  }
  std::string why;  // it stayed on one thread
  std::string result, chronicle, timeline, link_table;
  std::vector<std::uint64_t> steps;
};

// Returns why it stayed on one thread.
std::string check_alike(const Scenario& scenario, std::size_t threads) {
  CAPTURE(scenario.name, threads);
  const Left one(scenario, 1);
  const Left several(scenario, threads);
  CHECK(several.result == one.result);
  CHECK(several.chronicle == one.chronicle);
  CHECK(several.timeline == one.timeline);
  CHECK(several.link_table == one.link_table);
  CHECK(several.steps == one.steps);
  CHECK(one.steps.size() > 1000);
  CHECK(one.why.empty());
  return several.why;
}

Scenario built_in(const std::string& name) {
  return load_scenario((box / (name + ".yaml")).string(), standard_protocols());
}

Scenario text(const std::string& text) { return load_scenario(parse_document(text, "t.yaml"), standard_protocols()); }

}  // namespace

TEST_CASE("a ring is the same on several threads, and so is all that is saved of it") {
  CHECK(check_alike(text(R"(duration: 60s
network: {latency: {uniform: {from: 2ms, to: 40ms}}, loss: 1%, duplicate: 1%}
groups: {first: {protocol: ring, count: 1}, others: {protocol: ring, count: 40, bootstrap: first}}
churn: [{nodes: others, session: {exponential: {mean: 30s}}, down: {exponential: {mean: 10s}}}]
workload: [{rate: 20/s, from: 5s, until: 58s, do: "lookup {key}"}, {rate: 2/s, from: 5s, until: 50s, do: "put name{number} value"}]
faults: [{at: 20s, pause: [3, 7], for: 5s}, {at: 30s, partition: [4, 5, 6], for: 3s}]
)"),
                    3)
            .empty());
}

TEST_CASE("built-in scenarios are the same on several threads") {
  for (const char* name : {"ring-coursework", "ring-third-crash", "swarm-tracker-crash"})
    CHECK(check_alike(built_in(name), 2).empty());
}

TEST_CASE("a swarm with faults is the same on several threads, and so are its links") {
  CHECK(check_alike(text(peerbed::tests::small_swarm), 2).empty());
  CHECK(check_alike(text(peerbed::tests::small_swarm), 3).empty());
}

TEST_CASE("a scenario that threads do not share stays on one, and says why") {
  CHECK(check_alike(built_in("ring-lossy"), 2) == "losses in bursts are not shared by threads");
  const std::string ring =
      "duration: 20s\nnetwork: {latency: 5ms}\ngroups: {a: {protocol: ring, count: 8}}\n"
      "workload: [{rate: 9/s, from: 1s, until: 19s, do: \"lookup {key}\"}]\n";
  CHECK(check_alike(text(ring), 2).empty());
  CHECK(check_alike(text(ring + "checks: {changes: true}\n"), 2) == "properties are checked after every change");
}

TEST_CASE("every built-in scenario is the same on several threads", "[.nightly]") {
  for (const auto& entry : fs::directory_iterator(box))
    if (entry.path().extension() == ".yaml") check_alike(built_in(entry.path().stem().string()), 3);
}
