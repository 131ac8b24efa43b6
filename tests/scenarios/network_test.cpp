// The network as a scenario describes it, and when a datagram arrives over it.

#include <filesystem>
#include <fstream>

#include "tests/catch.h"
#include "tests/scenarios/probe.h"

using namespace peerbed;
using namespace peerbed::tests;

namespace {

namespace fs = std::filesystem;

// A temporary folder with a scenario's files.
class Files {
 public:
  Files() {
    std::string name = (fs::temp_directory_path() / "peerbed_scenarios_XXXXXX").string();
    folder_ = mkdtemp(name.data());
  }
  ~Files() { fs::remove_all(folder_); }
  Files(const Files&) = delete;
  Files& operator=(const Files&) = delete;

  void write(const char* name, const std::string& text) const { std::ofstream(folder_ / name) << text; }
  std::string scenario() const { return (folder_ / "t.yaml").string(); }

 private:
  fs::path folder_;
};

// After one second node 0 asks 1, 2 and 3, and node 1 asks node 0.
const std::string questions = R"(workload:
  - {at: 1s, node: 0, do: ask 1}
  - {at: 1s, node: 0, do: ask 2}
  - {at: 1s, node: 0, do: ask 3}
  - {at: 1s, node: 1, do: ask 0}
)";

Lines asked(const std::string& network, const std::string& source = "t.yaml") {
  return told("network: " + network + "\n" + questions, source);
}

}  // namespace

TEST_CASE("conditions differ by group, by pair and by direction, and a pair overrides its groups") {
  CHECK(asked("{latency: 10ms}") ==
        Lines{"0:01.010 a.0 hears 1", "0:01.010 a.1 hears 0", "0:01.010 a.2 hears 0", "0:01.010 b.0 hears 0"});
  CHECK(asked("{latency: 10ms, between: [{from: a, to: b, latency: 40ms}]}") ==
        Lines{"0:01.010 a.0 hears 1", "0:01.010 a.1 hears 0", "0:01.010 a.2 hears 0", "0:01.040 b.0 hears 0"});
  CHECK(asked("{latency: 10ms, between: [{from: b, to: a, latency: 40ms}]}").back() == "0:01.010 b.0 hears 0");
  CHECK(asked("{latency: 10ms, between: [{from: b, to: a, both_ways: true, latency: 40ms}]}").back() ==
        "0:01.040 b.0 hears 0");
  CHECK(
      asked("{latency: 10ms, between: [{from: a, to: a, latency: 30ms}], pairs: [{from: 0, to: a.1, latency: 5ms}]}") ==
      Lines{"0:01.005 a.1 hears 0", "0:01.010 b.0 hears 0", "0:01.030 a.0 hears 1", "0:01.030 a.2 hears 0"});
  CHECK(asked("{latency: 10ms, pairs: [{from: 0, to: 1, both_ways: true, latency: 5ms}]}") ==
        Lines{"0:01.005 a.0 hears 1", "0:01.005 a.1 hears 0", "0:01.010 a.2 hears 0", "0:01.010 b.0 hears 0"});
  CHECK(asked("{latency: 10ms, loss: 100%, between: [{from: a, to: b, loss: 0%}]}") == Lines{"0:01.010 b.0 hears 0"});
}

TEST_CASE("datagrams are duplicated, held back, damaged and jittered as the network says") {
  CHECK(asked("{latency: 10ms, duplicate: 100%}").size() == 8);
  CHECK(asked("{latency: 10ms, reorder: {share: 100%, delay: 70ms}}").front() == "0:01.080 a.0 hears 1");
  CHECK(asked("{latency: 10ms, reorder: 100%}").front() == "0:01.060 a.0 hears 1");
  CHECK(asked("{latency: 10ms, corrupt: 100%}").front() == "0:01.010 a.0 hears noise");
  CHECK(asked("{latency: 10ms, jitter: {constant: 25ms}}").front() == "0:01.035 a.0 hears 1");
}

TEST_CASE("datagrams leave a slow link one after the other, and its full queue drops the rest") {
  // A question has 10 bytes plus 28 bytes of headers: 304 bits, 38 ms at 8 kbit/s.
  const auto over = [](const std::string& uplink) {
    const scenarios::Scenario scenario = load_probes(
        "duration: 10s\nshow_lines: true\nnetwork: {latency: 10ms}\ngroups: {a: {protocol: probe, count: 4, uplink: " +
        uplink + "}}\n" + questions);
    Lines lines;
    for (const scenarios::PrintedLine& line : run_scenario(scenario).lines)
      if (line.text == "hears 0") lines.push_back(scenarios::show_moment(line.at));
    return lines;
  };
  CHECK(over("8kbit/s") == Lines{"0:01.048", "0:01.086", "0:01.124"});
  CHECK(over("{rate: 8kbit/s, queue: 50B}").size() < 3);
}

TEST_CASE("latency comes from a matrix file, which is found from the scenario's folder") {
  const Files files;
  files.write("delays.txt", "0 20 40\n20 0 60\n40 60 0\n");
  CHECK(asked("{latency: {matrix: {file: delays.txt, format: text}}}", files.scenario()) ==
        Lines{"0:01.000 b.0 hears 0", "0:01.010 a.0 hears 1", "0:01.010 a.1 hears 0", "0:01.020 a.2 hears 0"});
  CHECK(asked("{latency: {matrix: {file: delays.txt, format: text, measures: one_way}}}", files.scenario()).back() ==
        "0:01.040 a.2 hears 0");
  CHECK(asked("{latency: {matrix: {file: delays.txt, format: text, unit: us, measures: one_way}}}", files.scenario())
            .size() == 4);
  files.write("delays.csv", "city,Rome,Oslo\nRome,0,48\nOslo,48,0\n");
  CHECK(asked("{latency: {matrix: {file: delays.csv, format: csv}}}", files.scenario()).back() ==
        "0:01.024 b.0 hears 0");
}

TEST_CASE("latency comes from the distance on a plane") {
  CHECK(asked("{latency: {plane: {points: [[0, 0], [3, 4], [0, 10]], base: 1ms, per_unit: 2ms}}}") ==
        Lines{"0:01.001 b.0 hears 0", "0:01.011 a.0 hears 1", "0:01.011 a.1 hears 0", "0:01.021 a.2 hears 0"});
  CHECK(asked("{latency: {plane: {sites: 50, width: 10, per_unit: 2ms}}}").size() == 4);
}

namespace {

const std::string triangle =
    "<?xml version=\"1.0\"?><graphml><key id=\"e\" for=\"edge\" attr.name=\"delay\" attr.type=\"double\"/>"
    "<key id=\"r\" for=\"edge\" attr.name=\"rate\" attr.type=\"double\"/>"
    "<graph edgedefault=\"undirected\"><node id=\"0\"/><node id=\"1\"/><node id=\"2\"/>"
    "<edge source=\"0\" target=\"1\"><data key=\"e\">15</data></edge>"
    "<edge source=\"1\" target=\"2\"><data key=\"e\">25</data><data key=\"r\">16000</data></edge>"
    "<edge source=\"0\" target=\"2\"><data key=\"e\">90</data></edge></graph></graphml>";

}  // namespace

TEST_CASE("latency comes from the shortest paths of a GraphML file") {
  const Files files;
  files.write("net.graphml", triangle);
  CHECK(asked("{latency: {topology: {file: net.graphml, latency_attribute: delay}}}", files.scenario()) ==
        Lines{"0:01.000 b.0 hears 0", "0:01.015 a.0 hears 1", "0:01.015 a.1 hears 0", "0:01.040 a.2 hears 0"});
}

TEST_CASE("links of a topology have the rates that the scenario and the file give") {
  const Files files;
  files.write("net.graphml", triangle);
  const auto over = [&](const std::string& more) {
    return asked("{latency: {topology: {file: net.graphml, latency_attribute: delay, " + more + "}}}",
                 files.scenario());
  };
  // A question takes 38 ms at 8 kbit/s and 19 ms at 16 kbit/s; two questions of node 0 share its link to node 1.
  CHECK(over("rate_attribute: rate") ==
        Lines{"0:01.000 b.0 hears 0", "0:01.015 a.0 hears 1", "0:01.015 a.1 hears 0", "0:01.059 a.2 hears 0"});
  CHECK(over("link: 8kbit/s") ==
        Lines{"0:01.000 b.0 hears 0", "0:01.053 a.0 hears 1", "0:01.053 a.1 hears 0", "0:01.154 a.2 hears 0"});
  CHECK(over("link: 8kbit/s, rate_attribute: rate").back() == "0:01.135 a.2 hears 0");
  CHECK(over("link: {rate: 8kbit/s, queue: 50B}") ==
        Lines{"0:01.000 b.0 hears 0", "0:01.053 a.0 hears 1", "0:01.053 a.1 hears 0"});
  using Catch::Matchers::Contains;
  CHECK_THROWS_WITH(over("link: {rate: fast}"), Contains("t.yaml:4:") && Contains("topology.link.rate: expected"));
  CHECK_THROWS_WITH(over("links: 8kbit/s"), Contains("t.yaml:4:") && Contains("did you mean 'link'"));
  CHECK_THROWS_WITH(over("rate_attribute: speed"), Contains("edges have no attribute \"speed\""));
  CHECK_THROWS_WITH(over("queue_attribute: rate, rate_attribute: delay, link: 0bit/s"), Contains("t.yaml:4:"));
}

TEST_CASE("nodes are located at their group's sites") {
  const Files files;
  files.write("delays.txt", "0 20 40\n20 0 60\n40 60 0\n");
  const auto at_sites = [&](const std::string& sites) {
    const scenarios::Scenario scenario = load_probes(
        "duration: 10s\nshow_lines: true\nnetwork: {latency: {matrix: {file: delays.txt, format: text}}}\n"
        "groups: {a: {protocol: probe, count: 2, sites: " +
            sites + "}}\nworkload: [{at: 1s, node: 0, do: ask 1}]\n",
        files.scenario());
    return scenarios::show_moment(run_scenario(scenario).lines.back().at);
  };
  CHECK(at_sites("[1, 2]") == "0:01.030");
  CHECK(at_sites("[0, 2]") == "0:01.020");
}
