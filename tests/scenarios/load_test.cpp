// What users get for an invalid scenario: one sentence with file, line and column, quickly.

#include <chrono>
#include <ctime>
#include <filesystem>
#include <fstream>

#include "scenarios/plan/lower.h"
#include "scenarios/plan/scenario.h"
#include "scenarios/run/standard_protocols.h"
#include "tests/catch.h"

using namespace peerbed;
using namespace peerbed::scenarios;

namespace {

const std::string good = R"(name: t
duration: 10s
groups:
  nodes:
    protocol: ring
    count: 4
)";

Scenario load(const std::string& text, const std::vector<Override>& overrides = {}) {
  return load_scenario(parse_document(text, "t.yaml"), standard_protocols(), overrides);
}

// The error message for a text, or "" if it is valid.
std::string complaint(const std::string& text, const std::vector<Override>& overrides = {}) {
  try {
    lowered_actions(load(text, overrides));
  } catch (const ScenarioError& error) {
    return error.what();
  }
  return "";
}

std::string complaint_of_file(const std::string& file) {
  try {
    load_scenario(file, standard_protocols());
  } catch (const ScenarioError& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("a small scenario is loaded with its defaults") {
  const Scenario scenario = load(good);
  CHECK(scenario.name == "t");
  CHECK(scenario.seed == 1);
  CHECK(scenario.duration == std::chrono::seconds(10));
  CHECK(scenario.node_count() == 4);
  CHECK(scenario.groups[0].plan.start == StartMode::converged);
  CHECK(scenario.name_of(2) == "nodes.2");
}

TEST_CASE("invalid input is answered by one sentence with its position") {
  CHECK(complaint(good + "duratoin: 5s\n") == "t.yaml:7:1: unknown key 'duratoin'; did you mean 'duration'?");
  CHECK(complaint("name: t\ngroups: {}\n") == "t.yaml:1:1: the key 'duration' is missing; add it here");
  CHECK(complaint("duration: 10\ngroups: {}\n") ==
        "t.yaml:1:11: duration: expected a duration with its unit, such as 40ms, 5s, 2min or 1h, but found '10'");
  CHECK(complaint("duration: 10s\ngroups:\n  a: {protocol: ring, count: -3}\n") ==
        "t.yaml:3:30: groups.a.count: expected a whole number from 1 to 10000000, but found '-3'");
  CHECK(complaint("duration: 10s\ngroups:\n  a: {protocol: rang, count: 3}\n") ==
        "t.yaml:3:17: groups.a.protocol: unknown protocol 'rang'; did you mean 'ring'?");
  CHECK(complaint(good + "workload:\n  - {at: 1s, nodes: nods, do: x}\n") ==
        "t.yaml:8:21: workload.0.nodes: no node or group is called 'nods'; did you mean 'nodes'?");
  CHECK(complaint(good + "workload:\n  - {at: 1s, node: 4, do: x}\n") ==
        "t.yaml:8:20: workload.0.node: there is no node 4; nodes are numbered from 0 to 3");
  CHECK(complaint(good + "network: {loss: 5}\n") ==
        "t.yaml:7:17: network.loss: expected a share from 0% to 100%, such as 5%, but found '5'");
  CHECK(complaint(good + "network:\n  latency: {matrix: {file: none.txt, format: text}}\n")
            .starts_with("t.yaml:8:28: network.latency.matrix.file: "));
  CHECK(complaint(good + "faults:\n  - {at: 1s, crsh: nodes}\n") ==
        "t.yaml:8:14: faults.0: unknown key 'crsh'; did you mean 'crash'?");
  CHECK(complaint(good + "expect: [violations = 0]\n").starts_with("t.yaml:7:10: expect.0: expected a metric"));
  CHECK(complaint(good + "seed: 1\nseed: 2\n") == "t.yaml:8:1: the key 'seed' is given twice; remove one of them");
  CHECK(complaint(good + "workload:\n  - {at: 1s, do: \"put {nam}\"}\n") ==
        "t.yaml:8:18: workload.0.do: cannot fill in {nam}; use {key}, {number}, {below:100} or {text:64}");
  CHECK(complaint("duration: $long\ngroups: {}\n") ==
        "t.yaml:1:11: unknown parameter 'long'; define it under `parameters:`");
}

TEST_CASE("an impossible group is refused at its position") {
  CHECK(complaint("duration: 10s\ngroups:\n  a: {protocol: ring, count: 300, options: {key_bits: 8}}\n") ==
        "t.yaml:3:44: groups.a.options: a ring of 8 bits is too small for 300 nodes; use fewer nodes or more key_bits");
  CHECK(complaint("duration: 10s\ngroups:\n  a: {protocol: ring, count: 2, options: {identifiers: [1, 2, 3]}}\n") ==
        "t.yaml:3:56: groups.a.options.identifiers: there are 3 identifiers for 2 nodes; give one for each");
  CHECK(complaint("duration: 10s\ngroups:\n  a: {protocol: ring, count: 2, options: {stabilize_period: 0s}}\n")
            .starts_with("t.yaml:3:61: groups.a.options.stabilize_period: expected a duration of at least 1ms"));
}

TEST_CASE("what is not YAML, text or a document is refused with its position") {
  CHECK(complaint("") == "t.yaml:1:1: the scenario is empty; it needs at least a duration and a group of nodes");
  CHECK(complaint("# nothing\n") == complaint(""));
  CHECK(complaint("a: [1, 2\n").starts_with("t.yaml:2:1: invalid YAML: "));
  CHECK(complaint(std::string("a: \0b\n", 6)) == "t.yaml:1:4: not a text file; a scenario is YAML in UTF-8");
  CHECK(complaint("a: \xC3\x28\n") == "t.yaml:1:4: this is not UTF-8 text");
  CHECK(complaint("a: 1\n---\nb: 2\n").find("a second YAML document begins here") != std::string::npos);
  CHECK(complaint("- 1\n- 2\n") == "t.yaml:1:1: expected a map of keys and values, but found a list");
  CHECK(complaint("? [a, b]\n: c\n").find("a key must be a plain word") != std::string::npos);
}

TEST_CASE("an unclosed quote and an indenting tab are reported at their positions") {
  const std::string open = "this quote is never closed; add the closing quote";
  CHECK(complaint("name: \"t\nduration: 10s\ngroups: {}\n") == "t.yaml:1:7: " + open);
  CHECK(complaint("duration: 10s\nname: 'it''s") == "t.yaml:2:7: " + open);
  CHECK(complaint("duration: 10s # don't\nworkload: [{do: 'get \xC3\xA9'}, {do: \"x}]\n") == "t.yaml:2:32: " + open);
  CHECK(complaint(good + "workload:\n  - {do: \"x, at: 1s}\n  - {do: \"y\"}\n") ==
        "t.yaml:8:10: this quote is not closed on its line; add the closing quote");
  const std::string tab = "this line is indented with a tab, which YAML does not allow; indent with spaces";
  CHECK(complaint("duration: 10s\ngroups:\n\ta: {protocol: ring, count: 1}\n") == "t.yaml:3:1: " + tab);
  CHECK(complaint("duration: 10s\ngroups:\n  a:\n  \tcount: 1\n    protocol: ring\n") == "t.yaml:4:3: " + tab);
}

TEST_CASE("very many keys, groups and parameters are read or refused quickly") {
  const std::clock_t begun = std::clock();  // CPU time, unaffected by other load
  std::string keys = good + "x:\n";
  std::string groups = "duration: 10s\ngroups:\n";
  std::string parameters = "parameters:\n";
  std::string uses = "name: \"";
  for (int i = 0; i < 100'000; ++i) {
    const std::string name = "k" + std::to_string(i);
    keys += "  " + name + ": 1\n";
    groups += "  " + name + ": {protocol: ring, count: 1}\n";
    parameters += "  " + name + ": 1\n";
    uses += "$" + name + " ";
  }
  CHECK(complaint(keys).find("unknown key 'x'") != std::string::npos);
  CHECK(complaint(groups) == "t.yaml:3:3: groups: more than 1,000 groups; merge some of them");
  CHECK(complaint(good.substr(good.find('\n') + 1) + parameters + uses + "\"\n").empty());
  CHECK(complaint(keys + "  k5: 2\n").find("the key 'k5' is given twice; remove one of them") != std::string::npos);
  CHECK(std::clock() - begun < 4 * CLOCKS_PER_SEC);
}

TEST_CASE("missing files and folders are refused in a sentence") {
  CHECK(complaint_of_file("/nonexistent/x.yaml").starts_with("/nonexistent/x.yaml: no such file"));
  CHECK(complaint_of_file("/tmp").starts_with("/tmp: this is a folder"));
  CHECK(complaint_of_file("/dev/zero").starts_with("/dev/zero: this is not a regular file"));
}

// Without bounds, the first would take until the end of the universe, and the next two would exhaust the stack.
TEST_CASE("bombs are refused before they go off") {
  std::string aliases = "a: &a [x, x, x, x, x, x, x, x, x]\n";
  for (char name = 'b'; name < 'k'; ++name) {
    const std::string before = "*" + std::string(1, static_cast<char>(name - 1));
    aliases += std::string(1, name) + ": &" + name + " [" + before + ", " + before + ", " + before + "]\n";
  }
  CHECK(complaint(aliases) ==
        "t.yaml:1:4: anchors (&name) and aliases (*name) are not allowed in a scenario; write the value out");
  CHECK(complaint(std::string(100'000, '[')).find("nested more than 32 deep") != std::string::npos);
  CHECK(complaint(std::string(1'000'000, '{')).find("nested more than 32 deep") != std::string::npos);
  std::string dashes;
  for (int i = 0; i < 100'000; ++i) dashes += "- ";
  CHECK_FALSE(complaint(dashes).empty());
  const auto file = std::filesystem::temp_directory_path() / "peerbed_large_scenario.yaml";
  std::ofstream(file) << "name: x\n";
  std::filesystem::resize_file(file, 200'000'000);
  CHECK(complaint_of_file(file.string()) ==
        file.string() + ": the file has 191MiB, but a scenario can have at most 4MiB");
  std::filesystem::remove(file);
}

TEST_CASE("overrides reach parameters and paths, and errors name them") {
  const std::string text = "parameters: {n: 3}\nduration: 10s\ngroups:\n  a: {protocol: ring, count: $n}\n";
  CHECK(load(text).node_count() == 3);
  CHECK(load(text, {{"n", "5", "--set n=5"}}).node_count() == 5);
  CHECK(load(text, {{"groups.a.count", "7", "--set ..."}}).node_count() == 7);
  CHECK(load(text, {{"seed", "42", "--seed 42"}}).seed == 42);
  CHECK(complaint(text, {{"groups.a.cuont", "7", "--set groups.a.cuont=7"}}) ==
        "--set groups.a.cuont=7: groups.a: unknown key 'cuont'; did you mean 'count'?");
  CHECK(complaint(text, {{"seed", "-5", "--seed -5"}}) ==
        "--seed -5: seed: expected a whole number from 0 to 18446744073709551615, but found '-5'");
}

TEST_CASE("nodes are selected by number, range, group, index in a group, and name") {
  const std::string text = R"(duration: 10s
groups:
  a: {protocol: ring, count: 2, options: {identifiers: [7, 9]}}
  b: {protocol: ring, count: 3}
faults:
  - {at: 1s, crash: [0, b.1]}
  - {at: 2s, crash: peer 9}
  - {at: 3s, crash: 2-4}
  - {at: 4s, crash: all, disk: wipe}
)";
  const auto actions = lowered_actions(load(text));
  REQUIRE(actions.size() == 4);
  const auto nodes = [&](std::size_t i) { return std::get<CrashNodes>(actions[i].action).nodes; };
  CHECK(nodes(0) == Nodes{0, 3});
  CHECK(nodes(1) == Nodes{1});
  CHECK(nodes(2) == Nodes{2, 3, 4});
  CHECK(nodes(3) == Nodes{0, 1, 2, 3, 4});
}

TEST_CASE("a random fault affects as many nodes as it says, of those that are up") {
  const std::string text = R"(duration: 100s
groups:
  a: {protocol: ring, count: 10}
faults:
  - {at: 1s, crash: {random: 4, of: a}}
  - {at: 2s, crash: {random: 50%, of: a}}
  - {at: 3s, start: {random: 100%, of: a}}
)";
  const auto actions = lowered_actions(load(text));
  REQUIRE(actions.size() == 3);
  const Nodes first = std::get<CrashNodes>(actions[0].action).nodes;
  const Nodes second = std::get<CrashNodes>(actions[1].action).nodes;
  CHECK(first.size() == 4);
  CHECK(second.size() == 3);
  for (const auto node : second) CHECK(std::find(first.begin(), first.end(), node) == first.end());
  CHECK(std::get<StartNodes>(actions[2].action).nodes.size() == 7);
  CHECK(lowered_actions(load(text, {{"seed", "2", "--seed 2"}})).size() == 3);
  CHECK(std::get<CrashNodes>(lowered_actions(load(text, {{"seed", "2", "--seed 2"}}))[0].action).nodes != first);
}
