#pragma once
// Scenarios for tests in which much happens.

#include <string>

namespace peerbed::tests {

// Everything that can happen to a small ring, in half a minute.
inline const std::string eventful = R"(duration: 40s
network:
  latency: {log_normal: {median: 20ms, sigma: 0.5}}
  jitter: 3ms
  loss: {to_bad: 1%, to_good: 30%, loss_in_bad: 50%}
  duplicate: 1%
  reorder: 2%
  corrupt: 0.5%
  between: [{from: a, to: b, latency: 90ms, both_ways: true}]
  pairs: [{from: 0, to: 1, loss: 20%}]
groups:
  a: {protocol: ring, count: 12, uplink: 2Mbit/s, downlink: {rate: 8Mbit/s, queue: 32KiB}}
  b: {protocol: ring, count: 6, start: {joining: {at: 2s, spacing: 300ms}}}
  c: {protocol: ring, count: 4, start: never}
workload:
  - {rate: 20/s, do: "lookup {key}"}
  - {every: 250ms, times: 40, do: "put n{number} {text:50}"}
  - {rate: 5/s, from: 10s, do: "get n{below:40}"}
churn:
  - {nodes: a, session: {weibull: {shape: 0.6, scale: 20s}}, down: {exponential: 4s}, graceful: 40%, from: 5s, disk: wipe}
  - {flash_crowd: c, from: 8s, within: 2s, session: {pareto: {shape: 2, minimum: 10s}}}
faults:
  - {at: 3s, crash: {random: 2, of: a}, for: 3s}
  - {at: 12s, partition: {random: 30%}, for: 4s}
  - {at: 18s, partition: b, against: a, one_way: true, name: half}
  - {at: 20s, heal: half}
  - {at: 21s, pause: 3, for: 2s}
  - {at: 22s, clog: b.1, for: 1s}
  - {at: 24s, network: {loss: 10%}, for: 3s}
  - {at: 25s, network: {latency: 5ms}, from: a, to: b, for: 3s}
  - {at: 26s, clock: 2, offset: -3s, drift: 200ppm}
  - {at: 28s, lie: 1, share: 33.3%, for: 2s}
  - {at: 30s, rolling_restart: b, spacing: 500ms, for: 1s, graceful: true}
  - {at: 35s, command: 0, do: "lookup 7"}
checks: {every: 1s, settle: 5s}
expect: [violations >= 0]
)";

// Five peers fetch a file from two sources, and from one another, from the fifth second on.
inline const std::string small_swarm = R"(duration: 40s
network: {latency: 5ms}
groups:
  trackers: {protocol: swarm, count: 1, options: {role: tracker}}
  sources:
    protocol: swarm
    count: 2
    on_start: ADD film
    uplink: {rate: 40Mbit/s, queue: 1MiB}
    options: {files: [{name: film, size: 4MiB}], piece_size: 64KiB}
  fetchers: {protocol: swarm, count: 5, uplink: {rate: 40Mbit/s, queue: 1MiB}}
workload: [{at: 5s, nodes: fetchers, do: DOWN film}]
faults: [{at: 5s, command: fetchers, do: DOWN film}]
)";

}  // namespace peerbed::tests
