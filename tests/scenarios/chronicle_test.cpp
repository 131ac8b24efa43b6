// What a run records over time, compared with what is known about the run from elsewhere.

#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "protocols/ring/node.h"
#include "protocols/swarm/base/trace.h"
#include "scenarios/backends/simulated_backend.h"
#include "scenarios/record/run_recorder.h"
#include "scenarios/run/run_scenario.h"
#include "scenarios/run/standard_protocols.h"
#include "scenarios/swarm/swarm_recorder.h"
#include "tests/catch.h"
#include "tests/scenarios/eventful.h"

using namespace peerbed;
using namespace peerbed::scenarios;
using nlohmann::json;
using peerbed::tests::eventful;
using peerbed::tests::small_swarm;

namespace {

// A recorded run, with its world at the end.
struct Told {
  explicit Told(const std::string& text, std::optional<Duration> interval = {})
      : scenario(load_scenario(parse_document(text, "t.yaml"), standard_protocols())),
        backend(scenario, sim::EventQueueKind::wheel),
        recorder(scenario, interval) {
    RunOptions options;
    options.recorder = &recorder;
    result = run_scenario(scenario, backend, options);
    timeline = recorder.timeline();
    told = json::parse(recorder.json());
  }

  double metric(const std::string& name) const { return result.metrics.find(name).value().value; }
  std::size_t count(const std::string& name) const { return static_cast<std::size_t>(metric(name)); }
  double sum(const std::string& series) const {
    double sum = 0;
    for (const auto& value : timeline.series.at(series).values) sum += value.value_or(0);
    return sum;
  }

  Scenario scenario;
  SimulatedBackend backend;
  RunRecorder recorder;
  RunResult result;
  analysis::Timeline timeline;
  json told;
};

const std::string calm = R"(duration: 60s
network: {latency: 20ms}
groups: {nodes: {protocol: ring, count: 64}}
workload: [{rate: 20/s, from: 1s, until: 58s, do: "lookup {key}"}]
)";

}  // namespace

TEST_CASE("recording a run does not change it, and equal runs give equal records") {
  const Told told(eventful);
  const Scenario scenario = load_scenario(parse_document(eventful, "t.yaml"), standard_protocols());
  CHECK(run_scenario(scenario).digest == told.result.digest);
  const Told again(eventful);
  CHECK(again.told == told.told);
  CHECK(analysis::timeline_csv(again.timeline) == analysis::timeline_csv(told.timeline));
}

TEST_CASE("a timeline's counts add up to the run's") {
  for (const std::string& text : {eventful, small_swarm}) {
    const Told told(text);
    std::size_t compared = 0;
    for (const auto& [name, series] : told.timeline.series) {
      const bool is_count = name.ends_with(".count") || name.starts_with("message") || name.starts_with("streams.");
      if (!is_count || !told.result.metrics.find(name)) continue;
      CAPTURE(name);
      CHECK(told.sum(name) == told.metric(name));
      ++compared;
    }
    CHECK(compared > 20);
    CHECK(told.timeline.series.at("nodes.up").values.back() == told.metric("nodes.up_at_end"));
  }
}

TEST_CASE("a timeline has the requested intervals, and no value where nothing was measured") {
  const Told told(calm, std::chrono::seconds{7});
  CHECK(told.timeline.series.at("nodes.up").values.size() == 9);
  const Told fine(calm);
  CHECK(fine.timeline.interval == std::chrono::milliseconds{500});
  const auto& latency = fine.timeline.series.at("lookup.done.latency.mean").values;
  CHECK_FALSE(latency.at(0).has_value());
  CHECK(latency.at(10).value() > 20e6);
  CHECK(fine.timeline.series.count("cut.off.count") == 0);
}

TEST_CASE("the recorded sessions of nodes are those that the run counts") {
  const Told told(eventful);
  std::map<std::string, std::size_t> endings;
  for (const json& life : told.told.at("lives")) {
    CHECK(life.at(1) <= life.at(2));
    ++endings[life.at(3)];
  }
  CHECK(told.told.at("lives").size() == told.count("nodes.started"));
  CHECK(endings["up at end"] == told.count("nodes.up_at_end"));
  CHECK(endings["left"] + endings["exit"] == told.count("nodes.left"));
  CHECK(endings["crash"] >= told.count("nodes.crashed"));
}

TEST_CASE("actions from outside are marked, and equal actions in one interval are one mark") {
  const Told told(R"(duration: 100s
lowered: true
groups: {nodes: {protocol: ring, count: 20}}
faults:
  - {at: 20.0s, crash: 3}
  - {at: 20.2s, crash: [4, 5]}
  - {at: 30s, start: [3, 4]}
  - {at: 40s, partition: [0, 1, 2], name: west, for: 5s}
  - {at: 60s, crash: 5}
)");
  const json marks = told.told.at("marks");
  REQUIRE(marks.size() == 4);
  CHECK(marks[0] == json{{"seconds", 20}, {"kind", "crash"}, {"what", "3 nodes crash"}, {"count", 3}});
  CHECK(marks[1].at("what") == "2 nodes start");
  CHECK(marks[2].at("what") == "partition 'west' begins");
  CHECK(marks[3].at("what") == "partition 'west' heals");
}

TEST_CASE("snapshots of the ring show the successors that nodes have") {
  const Told told(eventful);
  const json& frames = told.told.at("ring").at("frames");
  REQUIRE(frames.size() >= 10);
  CHECK(frames.front().at("seconds") == 0);
  CHECK(frames.front().at("nodes").size() == 12);
  const json& last = frames.back();
  CHECK(last.at("seconds") == 40);
  std::size_t members = 0;
  for (const json& member : last.at("nodes")) {
    const auto node = member.at("n").get<NodeIndex>();
    REQUIRE(told.backend.is_up(node));
    const auto& state = *told.backend.node<ring::Node>(node);
    std::vector<NodeIndex> successors;
    for (const ring::Contact& successor : state.successors()) successors.push_back(sim::node_at(successor.address));
    CHECK(member.at("s") == successors);
    CHECK(member.at("f").size() == state.fingers().size());
    CHECK(member.at("k") == state.value_count());
    ++members;
  }
  CHECK(members == told.count("ring.members"));
}

TEST_CASE("the path of a lookup has as many hops as the lookup reports and ends at the key's owner") {
  const std::string mode = GENERATE("recursive", "iterative");
  std::string text = calm;
  text.replace(text.find("count: 64"), 9, "count: 64, options: {lookup_mode: " + mode + "}");
  const Told told(text);
  const json& ring = told.told.at("ring");
  REQUIRE(ring.at("lookups").size() > 200);
  CHECK(ring.at("lookups_thinned").at("of") == told.metric("lookup.done.count"));
  const auto ids = ring.at("ids").get<std::vector<double>>();
  std::size_t longest = 0;
  for (const json& lookup : ring.at("lookups")) {
    CAPTURE(lookup.dump());
    const auto path = lookup.at("path").get<std::vector<std::size_t>>();
    REQUIRE(path.size() == lookup.at("hops").get<std::size_t>() + 1);
    CHECK(path.front() == lookup.at("node"));
    const auto after = [key = lookup.at("key").get<double>()](double id) { return id < key ? id + 1 - key : id - key; };
    const auto owner = std::min_element(ids.begin(), ids.end(),
                                        [after](double one, double other) { return after(one) < after(other); });
    CHECK(path.back() == static_cast<std::size_t>(owner - ids.begin()));
    longest = std::max(longest, path.size());
  }
  CHECK(longest > 3);
  CHECK(ring.at("hops_theory").at("half_log2") == 3);
}

TEST_CASE("failed lookups are recorded with the path that they took") {
  const Told told(R"(duration: 20s
network: {latency: 20ms, loss: 40%}
groups: {nodes: {protocol: ring, count: 64, options: {lookup_attempts: 1}}}
workload: [{rate: 10/s, from: 1s, until: 10s, do: "lookup {key}"}]
)");
  REQUIRE(told.metric("lookup.done.success.share") < 1);
  std::size_t failed = 0;
  for (const json& lookup : told.told.at("ring").at("lookups")) {
    if (lookup.at("success") == true) continue;
    CAPTURE(lookup.dump());
    REQUIRE(lookup.contains("key"));
    CHECK(lookup.at("path").at(0) == lookup.at("node"));
    ++failed;
  }
  CHECK(failed > 0);
}

TEST_CASE("stale pointers appear when nodes crash and disappear again") {
  const Told told(R"(duration: 200s
network: {latency: 20ms}
groups: {nodes: {protocol: ring, count: 100}}
workload: [{every: 100ms, times: 50, do: "put n{number} {text:50}"}]
faults: [{at: 50s, crash: {random: 30%}}]
)");
  const auto stale = told.timeline.series.at("ring.stale_pointers.share").values;
  CHECK(stale.at(48).value() == 0);
  CHECK(stale.at(50).value() > 0.2);
  CHECK(stale.at(50).value() < 0.4);
  CHECK(stale.back().value() < 0.01);
  const auto copies = told.timeline.series.at("ring.replicas.mean").values;
  CHECK(copies.at(48).value() == 3);
  CHECK(copies.at(50).value() < 2.5);
  CHECK(copies.back().value() >= 3);
}

TEST_CASE("every verified piece arrives exactly once in the swarm's record") {
  const Told told(small_swarm);
  const json& swarm = told.told.at("swarm");
  REQUIRE(told.metric("downloads.done") == 5);
  CHECK(swarm.at("arrivals").size() == told.count("piece.verified.count"));
  std::set<std::pair<int, int>> pairs;
  for (const json& arrival : swarm.at("arrivals")) pairs.emplace(arrival.at(1), arrival.at(3));
  CHECK(pairs.size() == 5 * 64);
  const json& file = swarm.at("files").at(0);
  CHECK(file.at("name") == "film");
  CHECK(file.at("size") == 4 << 20);
  CHECK(file.at("piece_size") == 64 << 10);
  CHECK(file.at("pieces") == 64);
  CHECK(file.at("root").get<std::string>().size() == 64);
  CHECK(swarm.at("downloads").size() == 5);
  for (const json& download : swarm.at("downloads")) CHECK(download.at("done") == true);
}

TEST_CASE("peers' rates add up to what they sent and received") {
  const Told told(small_swarm);
  const json& swarm = told.told.at("swarm");
  const double interval = swarm.at("rates").at("interval");
  std::map<int, double> taken;
  for (const json& peer : swarm.at("rates").at("nodes"))
    for (const json& rate : peer.at("down")) taken[peer.at("n")] += rate.get<double>() * interval;
  double uploaded = 0;
  double downloaded = 0;
  for (const json& share : swarm.at("shares")) {
    CHECK(taken[share.at("node")] == Approx(share.at("downloaded").get<double>()).margin(200));
    uploaded += share.at("uploaded").get<double>();
    downloaded += share.at("downloaded").get<double>();
  }
  CHECK(uploaded >= downloaded);
  CHECK(uploaded < 1.05 * downloaded);
  CHECK(downloaded >= 5 * (4 << 20));
}

TEST_CASE("a record of arrivals is bounded and says what it left out") {
  const GroupPlan peers{.name = "peers", .first = 0, .count = 100, .options = nullptr};
  SwarmRecorder recorder(std::span(&peers, 1));
  for (NodeIndex node = 0; node < 100; ++node)
    for (std::uint64_t piece = 0; piece < 1'000; ++piece)
      recorder.on_trace(time_zero, node, swarm::index_of(swarm::TraceEvent::piece_verified), {7, piece, 0, 100});
  std::string text;
  analysis::JsonText out(text);
  recorder.write(out);
  const json told = json::parse(text);
  CHECK(told.at("arrivals").size() == 50'000);
  CHECK(told.at("arrivals_thinned").at("of") == 100'000);
  for (const json& arrival : told.at("arrivals")) REQUIRE(arrival.at(3).get<int>() % 2 == 0);
}

TEST_CASE("snapshots of a large ring show its first nodes and say so") {
  const Told told(R"(duration: 300ms
groups: {nodes: {protocol: ring, count: 2100}}
)");
  CHECK(told.told.at("nodes").size() == maximum_snapshot_nodes);
  CHECK(told.told.at("nodes_thinned").at("of") == 2100);
  CHECK(told.told.at("lives").size() == maximum_snapshot_nodes);
  CHECK(told.told.at("lives_thinned").at("of") == 2100);
  CHECK(told.told.at("ring").at("ids").size() == maximum_snapshot_nodes);
  for (const json& frame : told.told.at("ring").at("frames")) CHECK(frame.at("nodes").size() == maximum_snapshot_nodes);
}
