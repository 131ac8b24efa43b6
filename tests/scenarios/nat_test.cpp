// What works behind NATs and firewalls: who downloads from whom in a swarm, with and without hole punching, and the
// ring among nodes that nobody can reach.

#include <map>

#include "scenarios/run/run_scenario.h"
#include "scenarios/run/standard_protocols.h"
#include "tests/catch.h"

using namespace peerbed;
using namespace peerbed::scenarios;

namespace {

constexpr const char* kinds[] = {"open",      "full_cone", "restricted_cone", "port_restricted_cone",
                                 "symmetric", "firewall"};

std::string gateway(const std::string& kind) {
  if (kind == "open") return "";
  return kind == "firewall" ? ", firewall: inbound" : ", nat: " + kind;
}

RunResult run(const std::string& text) {
  return run_scenario(load_scenario(parse_document(text, "t.yaml"), standard_protocols()));
}

double value(const RunResult& result, const std::string& metric) {
  const auto found = result.metrics.find(metric);
  return found ? found->value : 0;
}

// Whether two peers of one kind get a file from a peer of another.
bool downloads(const std::string& seed, const std::string& peer, bool punching) {
  const std::string options = std::string("hole_punching: ") + (punching ? "true" : "false");
  const RunResult result =
      run("duration: 60s\nnetwork: {latency: 20ms}\ngroups:\n  tracker: {protocol: swarm, count: 1, options: {role: "
          "tracker}}\n  seed: {protocol: swarm, count: 1" +
          gateway(seed) + ", on_start: ADD film, options: {" + options +
          ", files: [{name: film, size: 4MiB}]}}\n  peer: {protocol: swarm, count: 2" + gateway(peer) + ", options: {" +
          options + "}}\nworkload: [{at: 5s, each: peer, do: DOWN film}]\n");
  CHECK(result.violation_count == 0);
  return value(result, "download.done.count") == 2;
}

// A line for each kind of seed, a sign for each kind of peer: + is with and without punching, p with it alone, - never.
std::string table() {
  std::string lines;
  for (const char* seed : kinds) {
    for (const char* peer : kinds) {
      const bool without = downloads(seed, peer, false);
      const bool with = downloads(seed, peer, true);
      CHECK((with || !without));  // it takes nothing away
      lines += without ? '+' : with ? 'p' : '-';
    }
    lines += '\n';
  }
  return lines;
}

}  // namespace

TEST_CASE("peers get a file from a seed behind each kind of NAT as RFC 4787 has it") {
  CHECK(table() ==
        "++++++\n"    // open
        "pppppp\n"    // full_cone
        "pppppp\n"    // restricted_cone
        "pppp-p\n"    // port_restricted_cone
        "ppp---\n"    // symmetric
        "pppp-p\n");  // firewall
}

TEST_CASE("with hole punching a swarm of which 60 % are behind NATs all get the file") {
  for (const char* seed : {"1", "2", "3"}) {
    const RunResult result =
        run("seed: " + std::string(seed) +
            "\nduration: 5min\nnetwork: {latency: {uniform: {from: 5ms, to: 80ms}}}\ngroups:\n"
            "  tracker: {protocol: swarm, count: 1, options: {role: tracker}}\n"
            "  seed: {protocol: swarm, count: 1, nat: port_restricted_cone, uplink: 20Mbit/s, on_start: ADD film, "
            "options: {hole_punching: true, files: [{name: film, size: 8MiB}]}}\n"
            "  open: {protocol: swarm, count: 12, uplink: 20Mbit/s, options: {hole_punching: true}}\n"
            "  home: {protocol: swarm, count: 12, nat: port_restricted_cone, uplink: 20Mbit/s, options: "
            "{hole_punching: true}}\n"
            "  cafe: {protocol: swarm, count: 5, nat: symmetric, uplink: 20Mbit/s, options: {hole_punching: true}}\n"
            "workload: [{at: 5s, each: open, do: DOWN film}, {at: 6s, each: home, do: DOWN film}, "
            "{at: 6s, each: cafe, do: DOWN film}]\n");
    CHECK(value(result, "download.done.count") == 29);
    CHECK(result.violation_count == 0);
    CHECK(value(result, "hosts.open.share") == Approx(13.0 / 31));
  }
}

TEST_CASE("peers among NATs punch holes unless the scenario says otherwise") {
  const auto done = [](const std::string& options) {
    return value(run("duration: 30s\ngroups:\n  tracker: {protocol: swarm, count: 1, options: {role: tracker}}\n"
                     "  seed: {protocol: swarm, count: 1, nat: port_restricted_cone, on_start: ADD film, options: {" +
                     options +
                     "files: [{name: film, size: 1MiB}]}}\n  peer: {protocol: swarm, count: 1}\n"
                     "workload: [{at: 5s, each: peer, do: DOWN film}]\n"),
                 "download.done.count");
  };
  CHECK(done("") == 1);
  CHECK(done("hole_punching: false, ") == 0);
}

TEST_CASE("a tracker is not behind a NAT") {
  CHECK_THROWS_WITH(run("duration: 1s\ngroups:\n  t: {protocol: swarm, count: 1, nat: symmetric, options: {role: "
                        "tracker}}\n  p: {protocol: swarm, count: 1}\n"),
                    Catch::Matchers::Contains("peers cannot reach a tracker behind a NAT"));
}

TEST_CASE("nodes of a ring behind each kind of NAT are guests that put, get and look up") {
  for (const char* kind : kinds) {
    for (const char* start : {"converged", "{joining: {at: 1s, spacing: 1s}}"}) {
      INFO(kind << ", " << start);
      const RunResult result =
          run("duration: 3min\nnetwork: {latency: 20ms}\ngroups:\n  open: {protocol: ring, count: 12}\n"
              "  home: {protocol: ring, count: 18, start: " +
              std::string(start) + gateway(kind) +
              "}\nworkload:\n  - {every: 1s, from: 1min, times: 20, nodes: home, do: \"put name-{number} value\"}\n"
              "  - {every: 500ms, from: 90s, times: 100, nodes: all, do: \"get name-{below:20}\"}\n"
              "  - {every: 500ms, from: 60s, nodes: home, do: \"lookup {key}\"}\nchecks: {every: 10s}\n");
      const bool is_open = std::string(kind) == "open";
      CHECK(value(result, "ring.members") == (is_open ? 30 : 12));
      CHECK(value(result, "ring.guests") == (is_open ? 0 : 18));
      CHECK(value(result, "put.done.count") == 20);
      CHECK(value(result, "put.done.success.share") == 1);
      CHECK(value(result, "get.done.success.share") == 1);
      CHECK(value(result, "lookup.done.success.share") == 1);
      CHECK(value(result, "lookup.done.correct.share") == 1);
      CHECK(result.violation_count == 0);
      const bool is_checked = std::string(start) != "converged" && !is_open;
      CHECK(value(result, "reachability.known.count") == (is_checked ? 18 : 0));
      CHECK(value(result, "reachability.known.reachable.share") == 0);
    }
  }
}

TEST_CASE("open nodes that join a ring among NATs find that they can be reached, though calls get lost") {
  const RunResult result =
      run("duration: 5min\nnetwork: {latency: 20ms, loss: 10%}\ngroups:\n  open: {protocol: ring, count: 12}\n"
          "  later: {protocol: ring, count: 40, start: {joining: {at: 1s, spacing: 1s}}}\n"
          "  home: {protocol: ring, count: 10, nat: symmetric, start: {joining: {at: 1s, spacing: 1s}}}\n");
  CHECK(value(result, "reachability.known.count") == 50);
  CHECK(value(result, "reachability.known.reachable.share") == Approx(0.8));
  CHECK(value(result, "ring.members") == 52);
  CHECK(value(result, "ring.guests") == 10);
}

TEST_CASE("a ring that nobody runs is begun by a node that others can reach") {
  const RunResult result =
      run("duration: 3min\ngroups:\n  home: {protocol: ring, count: 6, nat: symmetric, start: joining}\n"
          "  open: {protocol: ring, count: 4, start: joining}\n");
  CHECK(value(result, "ring.members") == 4);
  CHECK(value(result, "ring.guests") == 6);
}

TEST_CASE("a ring of which nobody can be reached is refused, unless nodes do not check it") {
  const std::string text = "duration: 10s\ngroups: {home: {protocol: ring, count: 6, nat: symmetric";
  CHECK_THROWS_WITH(run(text + "}}\n"), Catch::Matchers::Contains("all nodes of the ring are behind NATs"));
  CHECK(value(run(text + ", options: {check_reachability: false}}}\n"), "ring.members") == 6);
}
