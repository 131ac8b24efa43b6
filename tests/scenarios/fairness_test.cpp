// What a free rider gets, depending on how peers choose whom to upload to.

#include <map>
#include <utility>

#include "protocols/swarm/base/trace.h"
#include "scenarios/run/run_scenario.h"
#include "scenarios/run/standard_protocols.h"
#include "tests/catch.h"

using namespace peerbed;
using namespace peerbed::scenarios;

namespace {

// How many pieces each peer had when the first of them finished.
class FirstFinish final : public Observer {
 public:
  void on_trace(Time, NodeIndex node, std::uint16_t type, const TraceValues&) override {
    if (type == index_of(swarm::TraceEvent::download_done)) over = true;
    if (type == index_of(swarm::TraceEvent::piece_verified) && !over) ++pieces[node];
  }
  std::map<NodeIndex, double> pieces;
  bool over = false;
};

// Twelve peers fetch a file from one source that is too slow to feed all; the last of them uploads next to nothing.
// Returns what it has when the first peer finishes, relative to the average of the others.
double share_of_free_rider(const std::string& choking) {
  const std::string text = "parameters: {choking: " + choking + R"(}
duration: 100s
network: {latency: 10ms}
groups:
  trackers: {protocol: swarm, count: 1, options: {role: tracker}}
  source:
    protocol: swarm
    count: 1
    on_start: ADD film
    options: {choking: $choking, choke_period: 2s, upload_limit: 4MB/s, piece_size: 256KiB, files: [{name: film, size: 64MiB}]}
  givers: {protocol: swarm, count: 11, options: {choking: $choking, choke_period: 2s, upload_limit: 1MB/s}}
  rider: {protocol: swarm, count: 1, options: {choking: $choking, choke_period: 2s, upload_limit: 8kB/s}}
faults:
  - {at: 2s, command: givers, do: DOWN film}
  - {at: 2s, command: rider, do: DOWN film}
expect: [downloads.done == 12]
)";
  FirstFinish watcher;
  RunOptions options;
  options.observers.push_back(&watcher);
  const RunResult result = run_scenario(load_scenario(parse_document(text, "t.yaml"), standard_protocols()), options);
  CHECK(result.expectations.front().held);  // nobody starves
  constexpr NodeIndex rider = 13;
  const double its = std::exchange(watcher.pieces[rider], 0);
  double others = 0;
  for (const auto& [node, pieces] : watcher.pieces) others += pieces / 11;
  return its / others;
}

}  // namespace

TEST_CASE("a free rider gets less than the others, but only where uploading is rewarded") {
  const double counted = share_of_free_rider("tit_for_tat");
  const double uncounted = share_of_free_rider("plain");
  CAPTURE(counted, uncounted);
  CHECK(counted < 0.75);
  CHECK(uncounted > 0.9);
}
