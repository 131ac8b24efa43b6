// Who downloads from whom behind which NAT, with and without hole punching.

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
        "------\n"    // symmetric
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
