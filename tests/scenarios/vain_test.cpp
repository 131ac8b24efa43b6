// Redundant or impossible parts of a scenario are refused before the run: files that nobody has, faults on nodes that
// are already in the state that they cause, restored conditions that nothing changed, parameters that nothing uses.

#include <filesystem>
#include <fstream>

#include "scenarios/plan/scenario.h"
#include "scenarios/run/standard_protocols.h"
#include "tests/catch.h"
#include "tests/scenarios/probe.h"

using namespace peerbed;
using namespace peerbed::scenarios;

namespace {

std::string complaint(const std::string& text, const std::vector<Override>& overrides = {}) {
  try {
    load_scenario(parse_document(text, "t.yaml"), standard_protocols(), overrides);
  } catch (const ScenarioError& error) {
    return error.what();
  }
  return "";
}

// A ring of four nodes for 30 s, plus the given text.
std::string of_ring(const std::string& rest) {
  return complaint("duration: 30s\ngroups: {a: {protocol: ring, count: 4}}\n" + rest);
}
std::string of_faults(const std::string& faults) { return of_ring("faults: [" + faults + "]"); }

// A source with a film and four parts, and a peer, plus the given text.
std::string of_swarm(const std::string& rest) {
  return complaint(
      "duration: 90s\ngroups:\n"
      "  source: {protocol: swarm, count: 1, on_start: [ADD film, \"ADD part-1\"], options: {files: [{name: film, "
      "size: "
      "1MiB}, {name: part-1, size: 1B}, {name: part-2, size: 1B}, {name: ' odd ', size: 1B}]}}\n"
      "  peer: {protocol: swarm, count: 2}\n" +
      rest);
}

constexpr const char* vain = "so this would have no effect";

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("a command for a file that no group has is refused with the nearest name") {
  CHECK(of_swarm("workload: [{at: 5s, nodes: peer, do: DOWN flim}]\n") ==
        "t.yaml:5:38: workload.0.do: no group has a file 'flim'; did you mean 'film'?");
  CHECK(of_swarm("faults: [{at: 5s, command: source, do: add picture}]\n") ==
        "t.yaml:5:40: faults.0.do: no group has a file 'picture'; the files are \" odd \", film, part-1 and part-2");
  for (const char* verb : {"REMOVE", "cancel", "PAUSE", "resume"})
    CHECK(has(of_swarm("faults: [{at: 5s, command: peer, do: " + std::string(verb) + " film.}]\n"),
              "did you mean 'film'?"));
  CHECK(complaint("duration: 9s\ngroups: {a: {protocol: swarm, count: 1, on_start: [ADD x]}}\n") ==
        "t.yaml:2:52: groups.a.on_start.0: no group has a file 'x'; list it under `files` in the options of a group");
  const std::string root(64, 'a');
  for (const std::string& line :
       {std::string("DOWN film"), std::string("ADD part-2"), "DOWN " + root, std::string("GET"),
        std::string("ADD \\\" odd \\\""), std::string("DOWN film #2"), std::string("ADD *"),
        std::string("ADD part-{number}"), std::string("DOWN part-{below:9}"), std::string("DOWN {text:4}"),
        std::string("REMOVE part-2")}) {
    INFO(line);
    CHECK(of_swarm("workload: [{every: 5s, times: 3, nodes: source, do: \"" + line + "\"}]\n").empty());
  }
  CHECK(of_swarm("workload: [{every: 5s, do: \"DOWN piece-{number}\"}]\n") ==
        "t.yaml:5:28: workload.0.do: no group has a file 'piece-*'; the files are \" odd \", film, part-1 and part-2");
}

TEST_CASE("a download of a file that nobody adds is refused") {
  CHECK(
      of_swarm("faults: [{at: 5s, command: peer, do: DOWN part-2}]\n") ==
      "t.yaml:5:38: faults.0.do: no node adds the file 'part-2'; write `on_start: ADD part-2` in a group that has it");
  CHECK(of_swarm("faults: [{at: 5s, command: peer, do: DOWN part-2}, {at: 9s, command: source, do: ADD part-2}]\n")
            .empty());
  CHECK(of_swarm("faults: [{at: 5s, command: peer, do: DOWN part-2}, {at: 9s, command: source, do: ADD part*}]\n")
            .empty());
}

TEST_CASE("a file name with control characters is refused") {
  CHECK(complaint("duration: 9s\ngroups: {a: {protocol: swarm, count: 1, options: {files: [{name: \"a\\e[31mb\", size: "
                  "1B}]}}}\n") ==
        "t.yaml:2:66: groups.a.options.files.0.name: expected a file name of 1 to 255 printable bytes without a slash, "
        "but found 'a\x1b[31mb'");  // the program escapes it
  CHECK(has(
      complaint("duration: 9s\ngroups: {a: {protocol: swarm, count: 1, options: {files: [{name: a/b, size: 1B}]}}}"),
      "without a slash, but found 'a/b'"));
}

TEST_CASE("a fault on nodes that are already in the state that it causes is refused") {
  const std::string stopped = std::string("none of these nodes is running at 9s, ") + vain + "; start them earlier";
  CHECK(of_faults("{at: 2s, crash: a.0}, {at: 9s, crash: a.0}") == "t.yaml:3:32: faults.1: " + stopped);
  CHECK(of_faults("{at: 9s, crash: a.0}, {at: 2s, crash: a.0}") == "t.yaml:3:10: faults.0: " + stopped);
  CHECK(has(of_faults("{at: 2s, crash: a}, {at: 9s, leave: [a.0, a.3]}"), stopped));
  CHECK(has(of_faults("{at: 2s, crash: a}, {at: 9s, pause: a.1}"), stopped));
  CHECK(has(of_faults("{at: 2s, crash: a}, {at: 9s, crash: {random: 1, of: a}}"), stopped));
  CHECK(has(of_faults("{at: 2s, crash: a}, {at: 9s, command: a.1, do: get x}"), stopped));
  CHECK(has(of_faults("{at: 2s, crash: a.0, for: 10s}, {at: 9s, crash: a.0}"), stopped));
  CHECK(has(of_faults("{at: 2s, leave: a.0}, {at: 9s, leave: a.0}"), "already leaving at 9s; start them before"));
  CHECK(has(of_faults("{at: 2s, pause: a.0}, {at: 9s, pause: a.0}"), "are paused at 9s, so this would have no effect"));
  CHECK(has(of_faults("{at: 2s, pause: a.0}, {at: 9s, leave: a.0}"), "are paused at 9s, so this would have no effect"));
  CHECK(has(of_faults("{at: 2s, pause: a.0, for: 3s}, {at: 9s, resume: a.0}"), "none of these nodes is paused at 9s"));
  CHECK(has(of_faults("{at: 2s, crash: a.0}, {at: 5s, start: a.0}, {at: 9s, start: a.0}"), "already running at 9s"));
  CHECK(has(of_faults("{at: 2s, crash: a.0, for: 5s}, {at: 9s, start: a.0}"), "already running at 9s"));
  CHECK(has(of_faults("{at: 2s, rolling_restart: a, spacing: 1s, for: 1s}, {at: 9s, start: a.0}"), "already running"));
  CHECK(has(of_faults("{at: 2s, rolling_restart: a, spacing: 1s, for: 9s}, {at: 9s, crash: a}"), stopped));
  CHECK(has(of_ring("faults: [{at: 2s, crash: all}]\nworkload: [{at: 9s, do: get x}]"),
            "all of these nodes have stopped by 9s, so the command would go to no node; start them again"));
}

TEST_CASE("a fault that may have an effect is accepted") {
  for (const char* faults :
       {"{at: 2s, crash: a.0}, {at: 5s, start: a.0}, {at: 9s, crash: a.0}", "{at: 2s, crash: a.0}, {at: 9s, crash: a}",
        "{at: 2s, crash: {random: 1, of: a}}, {at: 9s, crash: a.0}", "{at: 2s, leave: a.0}, {at: 9s, crash: a.0}",
        "{at: 2s, crash: a.0}, {at: 9s, crash: a.0, disk: wipe}", "{at: 2s, pause: a.0}, {at: 9s, crash: a.0}",
        "{at: 2s, pause: {random: 1}}, {at: 9s, resume: a.0}", "{at: 2s, command: a.0, do: quit}, {at: 9s, start: a.0}",
        "{at: 2s, crash: a.0, for: 9s}, {at: 9s, start: a.0}", "{at: 2s, crash: a.0, for: 5s}, {at: 9s, crash: a.0}",
        "{at: 2s, rolling_restart: a, spacing: 3s, for: 5s}, {at: 9s, start: a.2}"}) {
    INFO(faults);
    CHECK(of_faults(faults).empty());
  }
  CHECK(
      of_ring("churn: [{nodes: a, session: 9s, down: 9s}]\nfaults: [{at: 2s, crash: a}, {at: 9s, crash: a}]").empty());
  CHECK(of_ring("workload: [{every: 1s, do: get x}]\nfaults: [{at: 9s, start: a}]").empty());
}

TEST_CASE("restoring what was not changed is refused") {
  CHECK(of_faults("{at: 9s, network: restored}") ==
        "t.yaml:3:28: faults.0.network: the network's conditions are unchanged at 9s; remove this, or change them "
        "before it");
  const std::string path = "faults.1.network: the conditions between these groups are unchanged at 9s";
  CHECK(
      has(complaint("duration: 30s\ngroups: {a: {protocol: ring, count: 2}, b: {protocol: ring, count: 2}}\n"
                    "faults: [{at: 2s, network: {loss: 5%}, from: a, to: b}, {at: 9s, network: restored, from: b, to: "
                    "a}]\n"),
          path));
  CHECK(has(of_faults("{at: 2s, network: {loss: 5%}, for: 5s}, {at: 9s, network: restored}"), "unchanged at 9s"));
  CHECK(of_faults("{at: 2s, network: {loss: 5%}}, {at: 9s, network: restored, from: a, to: a}").empty());
  CHECK(of_faults("{at: 2s, network: {loss: 5%}, from: a, to: a}, {at: 9s, network: restored}").empty());
  CHECK(has(of_faults("{at: 9s, storage: a.0, restored: true}"),
            "faults.0.storage: the disks of these nodes are unchanged"));
  CHECK(
      has(of_faults("{at: 2s, storage: a.1, failing: 5%}, {at: 9s, storage: a.0, restored: true}"), "unchanged at 9s"));
  CHECK(of_faults("{at: 2s, storage: {random: 1}, failing: 5%}, {at: 9s, storage: a.0, restored: true}").empty());
  CHECK(has(of_faults("{at: 9s, clock: a.0}"), "faults.0.clock: the clocks of these nodes are right at 9s"));
  CHECK(of_faults("{at: 2s, clock: a, offset: 5s}, {at: 9s, clock: a.0}").empty());
}

TEST_CASE("a restoration takes no length, and a single command no number") {
  CHECK(has(of_faults("{at: 2s, network: {loss: 5%}}, {at: 9s, network: restored, for: 2s}"),
            "`for` is not allowed here"));
  CHECK(has(of_faults("{at: 2s, clock: a, offset: 5s}, {at: 9s, clock: a, for: 2s}"), "`for` is not allowed here"));
  CHECK(of_ring("workload: [{at: 5s, times: 3, do: get x}]") ==
        "t.yaml:3:17: workload.0.at: `at` means once; remove from, until, rate, every and times");
}

TEST_CASE("a parameter that nothing uses is refused, with the nearest one that is used") {
  const std::string ring = "duration: 30s\ngroups: {a: {protocol: ring, count: $nodes}}\n";
  CHECK(complaint("parameters: {nodes: 4, loss: 5%}\n" + ring) ==
        "t.yaml:1:30: parameters.loss: nothing uses this parameter; write $loss where its value belongs, or remove it");
  CHECK(complaint("parameters: {nodes: 4, node: 5}\n" + ring) ==
        "t.yaml:1:30: parameters.node: nothing uses this parameter; did you mean 'nodes'?");
  CHECK(complaint("parameters: {node: 5}\n" + ring) == "t.yaml:3:37: unknown parameter 'nodes'; did you mean 'node'?");
  CHECK(
      complaint("parameters: {nodes: 4, held: 5%}\n" + ring + "expect: [lookup.done.success.share >= $held]").empty());
  CHECK(complaint("parameters: {nodes: 4, who-ever: 1s}\n" + ring + "measure_from: $who-ever\n").empty());
  CHECK(complaint("parameters: {nodes: 4}\n" + ring, {{"groups.a.count", "7", "--set groups.a.count=7"}}).empty());
  CHECK(complaint("parameters: {nodes: 4}\n" + ring, {{"parameters.x", "7", "--set parameters.x=7"}}) ==
        "--set parameters.x=7: parameters.x: nothing uses this parameter; write $x where its value belongs, or remove "
        "it");
}

TEST_CASE("replicas that a ring cannot keep are refused, even the default ones") {
  const auto ring = [](const std::string& group) {
    return complaint("duration: 9s\ngroups: {a: {protocol: ring, " + group + "}}\n");
  };
  CHECK(
      ring("count: 4, options: {successor_list_length: 1}") ==
      "t.yaml:2:73: groups.a.options.successor_list_length: the owner and a list of 1 successor are at most 2 holders, "
      "but a value has 3 by default; use a longer list, or add `replicas: 2`");
  CHECK(ring("count: 4, options: {successor_list_length: 1, replicas: 2}").empty());
  CHECK(ring("count: 4, options: {replicas: 5}") ==
        "t.yaml:2:60: groups.a.options.replicas: the ring has only 4 nodes; use fewer replicas or more nodes");
  CHECK(ring("count: 2").empty());
}

TEST_CASE("a path described twice, or from a node to itself, is refused") {
  const auto network = [](const std::string& paths) {
    return complaint(
        "duration: 9s\ngroups: {a: {protocol: ring, count: 2}, b: {protocol: ring, count: 2}}\nnetwork: {" + paths +
        "}\n");
  };
  for (const char* ends : {"between: [{from: b, to: a, loss: 1%}, {from: a, to: b, loss: 2%, both_ways: true}]",
                           "pairs: [{from: b.0, to: a.0, loss: 1%}, {from: a.0, to: b.0, loss: 2%, both_ways: true}]"})
    CHECK(has(network(ends), ".1.both_ways: an entry above already describes the way back; remove one"));
  CHECK(has(network("pairs: [{from: b.0, to: a.0, loss: 1%, both_ways: true}, {from: a.0, to: b.0, loss: 2%}]"),
            "an entry above already describes this path"));
  CHECK(has(network("pairs: [{from: b.0, to: b.0, loss: 1%}]"), "both ends are the same node"));
}

TEST_CASE("churn whose nodes start in another state is refused") {
  const auto churn = [](const std::string& start, const std::string& entry) {
    return complaint("duration: 30s\ngroups: {a: {protocol: ring, count: 2, start: " + start + "}}\nchurn: [{" + entry +
                     "}]\n");
  };
  CHECK(has(churn("never", "nodes: a, session: 9s, down: 9s"), "none of these nodes is running at 0s"));
  const std::string equilibrium = "nodes: a, session: 9s, down: 9s, begin: equilibrium";
  CHECK(has(churn("{joining: {at: 9s}}", equilibrium),
            "churn.0.begin: group 'a' starts its nodes whether or not the equilibrium has them up; remove its `start`, "
            "or write `start: never`"));
  for (const char* start : {"converged", "never"}) CHECK(churn(start, equilibrium).empty());
  const std::string file = (std::filesystem::temp_directory_path() / "peerbed_vain_test.avt").string();
  std::ofstream(file) << "0\t1\t1 3\n1\t1\t2 9\n";
  const std::string trace = "trace: a, file: '" + file + "'";
  for (const char* start : {"converged", "never"}) CHECK(churn(start, trace).empty());
  CHECK(has(churn("{joining: {at: 9s}}", trace),
            "churn.0.trace: group 'a' starts its nodes whether or not the trace has them up; remove its `start`, or "
            "write `start: never`"));
  std::filesystem::remove(file);
}

TEST_CASE("the network restored everywhere is restored between groups, too") {
  const auto heard = [](const std::string& faults) {
    const tests::Lines lines =
        tests::told("workload: [{every: 1s, times: 4, node: 3, do: ask 0}]\nfaults: [" + faults + "]\n");
    return lines.size();
  };
  CHECK(heard("{at: 1500ms, network: {loss: 100%}, from: b, to: a}, {at: 3500ms, network: restored}") == 2);
  CHECK(heard("{at: 1500ms, network: {loss: 100%}, from: b, to: a}, {at: 1600ms, network: restored}, "
              "{at: 2500ms, network: {loss: 100%}}, {at: 3500ms, network: restored}") == 3);
}
