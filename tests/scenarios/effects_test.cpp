// Whatever cannot have an effect in a scenario is refused before the run, at its position.

#include <utility>

#include "scenarios/plan/lower.h"
#include "scenarios/plan/scenario.h"
#include "scenarios/run/run_scenario.h"
#include "scenarios/run/standard_protocols.h"
#include "tests/catch.h"

using namespace peerbed;
using namespace peerbed::scenarios;

namespace {

Scenario load(const std::string& text) { return load_scenario(parse_document(text, "t.yaml"), standard_protocols()); }

std::string complaint(const std::string& text) {
  try {
    load(text);
  } catch (const ScenarioError& error) {
    return error.what();
  }
  return "";
}

// Four nodes of a ring for 30 s, plus the given text.
std::string with(const std::string& rest) { return "duration: 30s\ngroups: {a: {protocol: ring, count: 4}}\n" + rest; }
std::string with_options(const std::string& options) {
  return "duration: 30s\ngroups: {a: {protocol: ring, count: 2, options: {" + options + "}}}\n";
}

using Answers = std::vector<std::pair<const char*, const char*>>;

void check_answers(const Answers& answers) {
  for (const auto& [text, answer] : answers) {
    INFO(text);
    CHECK(complaint(with(text)) == std::string("t.yaml:3:") + answer);
  }
}

}  // namespace

TEST_CASE("healing a partition that does not exist suggests the nearest name") {
  check_answers({{"faults: [{at: 1s, partition: a.0, name: split}, {at: 2s, heal: splitt}]",
                  "64: faults.1.heal: unknown partition 'splitt'; did you mean 'split'?"},
                 {"faults: [{at: 2s, heal: all}]",
                  "25: faults.0.heal: nothing is cut off at 2s; remove this, or add a partition before it"},
                 {"faults: [{at: 1s, partition: a.0, name: x, for: 1s}, {at: 9s, heal: x}]",
                  "69: faults.1.heal: the partition 'x' does not exist at 9s; it starts later or has already healed"},
                 {"faults: [{at: 9s, partition: a.0, name: x}, {at: 2s, heal: x}]",
                  "60: faults.1.heal: the partition 'x' does not exist at 2s; it starts later or has already healed"}});
  CHECK(complaint(with("faults: [{at: 9s, heal: x}, {at: 2s, partition: a.0, name: x}]")).empty());
  CHECK(complaint(with("faults: [{at: 2s, partition: a.0, for: 7s}, {at: 9s, heal: partition-0}]")).empty());
  CHECK(complaint(with("faults: [{at: 2s, partition: a.0}, {at: 9s, heal: all}]")).empty());
}

TEST_CASE("a command that its nodes would not understand is refused wherever it appears") {
  check_answers(
      {{"workload: [{rate: 5/s, do: \"lokup {key}\"}]",
        "28: workload.0.do: nodes of group 'a' do not understand this command: 'lokup' is an unknown command; did "
        "you mean "
        "'lookup'?"},
       {"workload: [{at: 3s, do: put}]",
        "25: workload.0.do: nodes of group 'a' do not understand this command: 'put' needs a NAME; write put NAME "
        "VALUE..."},
       {"workload: [{at: 3s, do: get a b}]",
        "25: workload.0.do: nodes of group 'a' do not understand this command: 'b' is one word too many; write get "
        "NAME"},
       {"workload: [{at: 3s, do: \"put a b --ttl soon\"}]",
        "25: workload.0.do: nodes of group 'a' do not understand this command: they would answer 'Usage: put NAME "
        "VALUE, or "
        "put "
        "NAME VALUE --ttl DURATION, such as 90s or 1h'"},
       {"faults: [{at: 3s, command: a.1, do: \"lookup {key}\"}]",
        "37: faults.0.do: nodes of group 'a' do not understand this command: they would answer 'Usage: lookup KEY, a "
        "number "
        "on the ring'"}});
  CHECK(complaint("duration: 9s\ngroups: {a: {protocol: ring, count: 4, on_start: [get x, gett x]}}\n") ==
        "t.yaml:2:58: groups.a.on_start.1: nodes of group 'a' do not understand this command: 'gett' is an unknown "
        "command; "
        "did you mean 'get'?");
  // A random key does not fit on a small ring: the smallest and the largest possible values are tried.
  CHECK(complaint("duration: 9s\ngroups: {a: {protocol: ring, count: 4, options: {key_bits: 16}}}\n"
                  "workload: [{rate: 1/s, do: \"lookup {key}\"}]\n")
            .find("Usage: lookup KEY") != std::string::npos);
  CHECK(complaint("duration: 9s\ngroups: {a: {protocol: ring, count: 4, options: {key_bits: 16}}}\n"
                  "workload: [{rate: 1/s, do: \"lookup {below:65536}\"}]\n")
            .empty());
}

TEST_CASE("nodes understand each command that their protocol lists") {
  const std::pair<const char*, std::vector<const char*>> groups[] = {
      {"ring, count: 2", {"lookup 5", "put a b c", "get a", "remove a", "quit", "Quit"}},
      {"coursework, count: 4", {"Store 1234", "Store 1234 x y", "Request 1234", "Quit"}},
      {"kademlia, count: 2", {"lookup 5", "put a b c", "get a", "quit", "Quit"}},
      {"swim, count: 2", {"members", "quit", "Quit"}},
      {"swarm, count: 2, on_start: ADD x, options: {files: [{name: x, size: 1kB}]}",
       {"ADD x", "add x", "GET", "get", "DOWN x", "down x", "QUIT", "quit"}},
      {"swarm, count: 1, options: {role: tracker}", {"list", "quit", "QUIT"}}};
  for (const auto& [group, commands] : groups)
    for (const char* command : commands) {
      INFO(command);
      const Scenario scenario = load("duration: 2s\nshow_lines: true\ngroups: {a: {protocol: " + std::string(group) +
                                     "}}\nworkload: [{at: 1s, node: 0, do: " + command + "}]\n");
      const RunResult result = run_scenario(scenario);
      for (const PrintedLine& line : result.lines) {
        CHECK_FALSE(line.text.starts_with("Unknown command"));
        CHECK_FALSE(line.text.starts_with("Usage"));
      }
    }
}

TEST_CASE("anything after the end of the run is refused") {
  check_answers(
      {{"faults: [{at: 30s, crash: a.0}]",
        "10: faults.0: this happens after the end of the run (30s); use an earlier time"},
       {"faults: [{at: 20s, rolling_restart: a, spacing: 4s, for: 1s}]",
        "10: faults.0: the last of these restarts would start at 32s, after the end of the run (30s); use a "
        "shorter spacing, or extend the run"},
       {"workload: [{at: 30s, do: get a}]", "12: workload.0: this starts after the end of the run; start it earlier"},
       {"workload: [{every: 31s, do: get a}]",
        "20: workload.0.every: no command is issued in the 30s of this entry; issue them more often, or for longer"},
       {"workload: [{rate: 1/min, do: get a}]",
        "19: workload.0.rate: most likely no command is issued in the 30s of this entry; issue them more often, or "
        "for longer"},
       {"churn: [{nodes: a, session: 9s, down: 9s, from: 30s}]",
        "9: churn.0: this churn starts after the end of the run (30s); start it earlier, or extend the run"}});
  CHECK(complaint("duration: 15s\ngroups: {a: {protocol: ring, count: 3, start: {joining: {at: 13s}}}}\n") ==
        "t.yaml:2:47: groups.a.start: 'a.2' would join at 15s, after the end of the run (15s); let it join earlier, or "
        "extend the run");
}

TEST_CASE("anything that affects no node is refused") {
  check_answers(
      {{"faults: [{at: 2s, start: a.0}]",
        "10: faults.0: all of these nodes are already running at 2s; stop them before, or remove this"},
       {"faults: [{at: 2s, resume: a.0}]",
        "10: faults.0: none of these nodes is paused at 2s; pause them before, or remove this"},
       {"faults: [{at: 2s, partition: all}]",
        "30: faults.0.partition: these are all nodes, so no node is on the other side; name fewer, or add `against`"},
       {"faults: [{at: 2s, crash: {random: 1%}}]",
        "35: faults.0.crash.random: 1% of 4 nodes selects no node; use a larger share"},
       {"faults: [{at: 2s, crash: {random: 9}}]",
        "35: faults.0.crash.random: expected a whole number from 1 to 4, but found '9'"},
       {"faults: [{at: 2s, storage: a}]",
        "10: faults.0: missing change of the disks: add rate, latency, capacity or failing, or `restored: true`"},
       {"faults: [{at: 2s, network: {}}]",
        "28: faults.0.network: missing change; write one such as {loss: 5%}, or `restored`"},
       {"network: {between: [{from: a, to: a}]}",
        "21: network.between.0: no condition given for this path; add one, such as `loss: 5%`"},
       {"network: {placement: random}",
        "22: network.placement: the network's latency does not use places; remove this, or use a latency that does"},
       {"churn: [{flash_crowd: a, within: 9s}]",
        "9: churn.0: these nodes run from the beginning, so they cannot arrive; set `start: never` in their group"}});
  const std::string never = "duration: 30s\ngroups: {a: {protocol: ring, count: 4, start: never}}\n";
  CHECK(complaint(never) ==
        "t.yaml:2:47: groups.a.start: nothing starts the nodes of group 'a'; start them with a fault or churn, or "
        "remove the group");
  CHECK(complaint(never + "faults: [{at: 9s, start: a}]\nworkload: [{at: 5s, do: get a}]\n") ==
        "t.yaml:4:12: workload.0: none of these nodes is running by 5s, so the command would go to no node; start them "
        "earlier");
  CHECK(
      complaint(never + "faults: [{at: 9s, start: a}, {at: 5s, crash: a.1}]\n") ==
      "t.yaml:3:30: faults.1: none of these nodes is running at 5s, so this would have no effect; start them earlier");
  CHECK(complaint(with("faults: [{at: 2s, crash: a.0}, {at: 4s, start: a.0}]")).empty());
  CHECK(complaint(with("faults: [{at: 2s, crash: {random: 0%}}]")).empty());
}

TEST_CASE("options that a protocol or a role does not use are refused") {
  CHECK(complaint(with_options("known: 4")).find("unknown key 'known'") != std::string::npos);
  CHECK(complaint(with_options("ping_interval: 5s")).find("unknown key 'ping_interval'") != std::string::npos);
  CHECK(complaint(with_options("profile: coursework, replicas: 2")).find("unknown key 'replicas'") !=
        std::string::npos);
  CHECK(complaint(with_options("lookup_mode: iterative, gets_end_early: true")).find("iterative lookups do not use") !=
        std::string::npos);
  CHECK(complaint(with_options("fingers: false, fingers_per_run: 2")).find("a ring without fingers does not use") !=
        std::string::npos);
  CHECK(complaint("duration: 9s\ngroups: {a: {protocol: swarm, count: 1, options: {role: tracker, upload_slots: 3}}}\n")
            .find("a tracker does not use this") != std::string::npos);
  CHECK(complaint("duration: 9s\ngroups: {a: {protocol: swarm, count: 1, options: {push_period: 1s}}}\n")
            .find("a peer does not use this") != std::string::npos);
}

TEST_CASE("the groups of a ring have to fit together") {
  const auto two = [](const std::string& a, const std::string& b) {
    return complaint("duration: 9s\ngroups:\n  a: {protocol: ring, count: 2, options: {" + a +
                     "}}\n  b: {protocol: ring, count: 2, options: {" + b + "}}\n");
  };
  CHECK(
      two("identifiers: [1, 2]", "identifiers: [3, 2]") ==
      "t.yaml:4:60: groups.b.options.identifiers.1: the identifier 2 already belongs to a node of group 'a'; give each "
      "node its own");
  CHECK(two("key_bits: 16", "key_bits: 17").find("all nodes of a ring must have the same key_bits") !=
        std::string::npos);
  CHECK(complaint("duration: 9s\ngroups:\n  a: {protocol: ring, count: 100, options: {key_bits: 8}}\n"
                  "  b: {protocol: ring, count: 100, options: {key_bits: 8}}\n")
            .find("a ring of 8 bits is too small for 200 nodes") != std::string::npos);
  CHECK(two("identifiers: [1, 2]", "profile: coursework, identifiers: [3, 4]") ==
        "t.yaml:3:3: groups: groups 'a' and 'b' run protocols that are measured alike; put them into separate "
        "scenarios");
  CHECK(two("profile: coursework, identifiers: [1, 2]", "profile: coursework, identifiers: [3, 4], known: 9") ==
        "t.yaml:4:92: groups.b.options.known: no node has the identifier 9; name one from `identifiers`");
  CHECK(complaint(with_options("replicas: 17")).find("at most 9 holders") != std::string::npos);
}

TEST_CASE("a metric that no run has, or that has another unit, is reported before the run") {
  check_answers(
      {{"expect: [lookup.done.latency.p95 < 1s]",
        "10: expect.0: this scenario has no metric 'lookup.done.latency.p95'; did you mean "
        "'lookup.done.latency.p90'?"},
       {"expect: [lookup.done.latency.p99 < 5]",
        "10: expect.0: 'lookup.done.latency.p99' cannot be compared with this value: it is a time; write a value "
        "such as "
        "500ms"},
       {"expect: [check.no apendages.share == 100%]",
        "10: expect.0: this scenario has no metric 'check.no apendages.share'; did you mean 'check.no "
        "appendages.share'?"}});
}

TEST_CASE("what would never end is refused by its count or by a minimum period") {
  check_answers(
      {{"checks: {every: 1ns}", "17: checks.every: expected a duration of at least 1ms, but found '1ns'"},
       {"workload: [{every: 1ns, do: get a}]",
        "20: workload.0.every: that is about 30,000,000,000 commands, but an entry can issue at most 100,000,000; "
        "issue "
        "them less often"}});
  CHECK(complaint(with("workload: [{every: 1ns, times: 5, do: get a}]")).empty());
  CHECK(complaint("duration: 5h\ngroups: {a: {protocol: ring, count: 4}}\nchecks: {every: 1ms}\n") ==
        "t.yaml:3:17: checks.every: that is 18,000,000 samples in the run, but at most 10,000,000 are allowed; "
        "sample less often");
  for (const char* option :
       {"stabilize_period", "check_predecessor_period", "fix_finger_period", "lookup_period", "repair_period",
        "initial_timeout", "rpc_timeout", "hop_timeout", "hedge_after", "lookup_timeout"})
    CHECK(complaint(with_options(std::string(option) + ": 1ns")).find("a duration of at least 1ms") !=
          std::string::npos);
  CHECK(complaint(with_options("lookup_period: 0s, hedge_after: 0s")).empty());
  for (const char* option : {"ask_timeout", "have_period", "connect_timeout", "retry_delay", "give_up", "block_timeout",
                             "choke_period", "idle_slot", "tracker_silence"})
    CHECK(complaint("duration: 9s\ngroups: {a: {protocol: swarm, count: 1, options: {" + std::string(option) +
                    ": 1us}}}\n")
              .find("a duration of at least 1ms") != std::string::npos);
}

TEST_CASE("a fault list taken from a run may contain faults without effect") {
  const Scenario scenario = load(with("faults: [{at: 5s, partition: {random: 50%}, name: x, for: 5s}]"));
  const std::string lowered = resolved_scenario(scenario, lowered_actions(scenario));
  CHECK(complaint(lowered).empty());
  std::string without_cut = lowered;
  const std::size_t line = without_cut.find("partition");
  const std::size_t begin = without_cut.rfind('\n', line) + 1;
  without_cut.erase(begin, without_cut.find('\n', line) + 1 - begin);
  REQUIRE(without_cut.find("heal") != std::string::npos);
  CHECK(complaint(without_cut).empty());
}

TEST_CASE("a workload for each node gives every one of them its command at once") {
  const RunResult result =
      run_scenario(load(with("workload: [{at: 5s, each: [a.0, a.1, a.3], do: \"put v-{number} x\"}, "
                             "{every: 10s, each: a, do: \"get v-0\"}]\nfaults: [{at: 12s, crash: a.2}]\n")));
  CHECK(result.metrics.find("workload.commands")->value == 3 + 4 + 3);  // at 5, 10 and 20 s
  CHECK(result.metrics.find("workload.skipped")->value == 1);
  CHECK(result.metrics.find("put.done.count")->value == 3);
  CHECK(result.metrics.find("ring.acknowledged_values")->value == 3);
  CHECK(complaint(with("workload: [{at: 5s, each: a, node: a.0, do: get x}]")) ==
        "t.yaml:3:27: workload.0.each: `each` already names the nodes; remove `node` and `nodes`");
}
