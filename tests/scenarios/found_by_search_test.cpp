// What searches found, shrunk. Each is either repaired in the protocol, or not promised.

#include <string>

#include "scenarios/run/run_scenario.h"
#include "scenarios/run/standard_protocols.h"
#include "tests/catch.h"

using namespace peerbed;
using namespace peerbed::scenarios;

namespace {

std::string violations_of(const std::string& text) {
  const RunResult result = run_scenario(load_scenario(parse_document(text, "t.yaml"), standard_protocols()));
  std::string violations;
  for (const ViolatedProperty& violated : result.violations)
    violations += violated.property + ": " + violated.last.what + "\n";
  return violations;
}

}  // namespace

TEST_CASE("who loses the only other member goes on alone, and a newcomer joins it") {
  CHECK(violations_of(R"(seed: 1
duration: 2s
network: {latency: 100us}
groups:
  nodes:
    protocol: ring
    options: {stabilize_period: 20ms, initial_timeout: 5ms, rpc_timeout: 2500us, lookup_timeout: 5ms, identifiers: [0, 1, 2]}
    count: 3
    start: {converged: 0-1}
lowered: true
faults:
  - {at: 0s, start: 2}
  - {at: 0s, crash: 1}
checks: {settle: 580ms}
)")
            .empty());
}

TEST_CASE("what comes after a pause and before the next pulse does not make a download more patient") {
  CHECK(violations_of(R"(seed: 1
duration: 22s
network: {latency: 1ms}
groups:
  trackers: {protocol: swarm, options: {role: tracker}, count: 1}
  sources:
    protocol: swarm
    on_start: ADD film
    options: {piece_size: 16KiB, files: [{name: film, size: 64KiB}]}
    count: 1
  peers: {protocol: swarm, options: {give_up: 10s}, count: 1}
lowered: true
faults:
  - {at: 0s, command: 2, do: DOWN film}
  - {at: 0s, network: {latency: 196ms, loss: 2.8%}}
  - {at: 2s, crash: 1}
  - {at: 2s, pause: 2}
  - {at: 3s, resume: 2}
  - {at: 3.000010644s, pause: 2}
  - {at: 8s, resume: 2}
checks: {every: 1s, changes: true}
)")
            .empty());
}
