// bench_chord NODES SIMULATED_SECONDS [plain|chord|confirmed [THREADS]]: the W-Chord-S workload on the simulator;
// prints one JSON line. `run_seconds` is the wall-clock time of the simulation alone, without making its nodes.
//
// `plain` (the default) is the textbook protocol of plain_chord.h, message for message what other simulators run.
// `chord` is the profile of that name in protocols/ring (successor list, Zave's stabilization, repair) at the same
// periods, with finds that are forwarded as the workload says: no hop confirms them, and the predecessor of the key
// answers. `confirmed` is the profile with its own default: every hop confirms, and silent ones are routed around.
// Latency is a constant 0.6 ms: bandwidth sharing between datagrams is not simulated, as it is by SimGrid.

#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <unordered_set>
#include <vector>

#include "protocols/ring/node.h"
#include "sim/core/large_pages.h"
#include "sim/engine/world.h"
#include "tests/benchmarks/plain_chord.h"

namespace {

using namespace peerbed;
using namespace peerbed::benchmarks;

constexpr std::uint32_t first_id = 42;

// The reference workload's ids: the first is 42, the others uniform and distinct.
std::vector<std::uint32_t> workload_ids(std::size_t count) {
  WorkloadRandom random{1};
  std::unordered_set<std::uint32_t> used{first_id};
  std::vector<std::uint32_t> ids{first_id};
  while (ids.size() < count) {
    std::uint32_t id = 0;
    do id = static_cast<std::uint32_t>(random.next()) & id_mask;
    while (!used.insert(id).second);
    random.next();  // the reference implementation draws a bootstrap node here
    ids.push_back(id);
  }
  return ids;
}

std::vector<Peer> sorted_ring(std::size_t count) {
  std::vector<Peer> ring;
  for (const std::uint32_t id : workload_ids(count))
    ring.push_back({id, sim::first_host_address + static_cast<std::uint32_t>(ring.size())});
  std::sort(ring.begin(), ring.end(), [](const Peer& a, const Peer& b) { return a.id < b.id; });
  return ring;
}

// In both protocols' tables, a lookup's end is the first event and its hops the first value.
class LookupTally final : public Observer {
 public:
  void on_trace(Time, NodeIndex, std::uint16_t type, const TraceValues& values) override {
    if (type != 0) return;
    ++lookups;
    if (values[0] > 0) ++left_their_node;
    hops += values[0];
  }
  std::uint64_t lookups = 0;
  std::uint64_t left_their_node = 0;
  std::uint64_t hops = 0;
};
static_assert(PlainChord::trace_lookup == 0 && ring::index_of(ring::TraceEvent::lookup_done) == 0);

void add_plain_chord(sim::World& world, std::size_t nodes) {
  const std::vector<Peer> ring = sorted_ring(nodes);
  std::vector<std::size_t> index_of(nodes);  // index of a host in the ring
  for (std::size_t i = 0; i < nodes; ++i) index_of[ring[i].host - sim::first_host_address] = i;
  world.add_population<PlainChord>(nodes, [&](NodeIndex node) { return PlainChord(ring, index_of[node]); });
  for (NodeIndex node = 0; node < nodes; ++node) world.start(node);
}

void add_ring(sim::World& world, std::size_t nodes, bool confirmed) {
  using namespace std::chrono_literals;
  ring::Options options;
  options.stabilize_period = 20s;
  options.fix_finger_period = 120s;
  options.check_predecessor_period = 120s;
  options.lookup_period = 10s;
  options.repair_period = 120s;
  options.acknowledge_hops = confirmed;
  const auto shared = std::make_shared<const ring::Options>(options);
  std::vector<ring::Contact> ring;
  for (std::size_t i = 0; i < nodes; ++i)
    ring.push_back({ring::Key{mix(i + 1)}, sim::address_of(static_cast<NodeIndex>(i))});
  std::sort(ring.begin(), ring.end());
  std::vector<std::uint32_t> index_of(nodes);
  for (std::size_t i = 0; i < nodes; ++i) index_of[sim::node_at(ring[i].address)] = static_cast<std::uint32_t>(i);
  world.add_population<ring::Node>(nodes,
                                   [&](NodeIndex node) { return ring::Node::converged(shared, ring, index_of[node]); });
  for (NodeIndex node = 0; node < nodes; ++node) world.start(node);
}

double cpu_seconds(const rusage& usage) {
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

int run(std::size_t nodes, long simulated_seconds, const std::string& protocol, std::size_t threads) {
  sim::World world({.seed = 1, .threads = threads});
  world.network().set_default({.latency = sim::LatencyModel::constant(std::chrono::microseconds(600))});
  LookupTally tally;
  world.observe(&tally, sim::Shown::reports);
  if (protocol == "plain")
    add_plain_chord(world, nodes);
  else
    add_ring(world, nodes, protocol == "confirmed");
  const auto begun = std::chrono::steady_clock::now();
  world.run_until(time_zero + std::chrono::seconds(simulated_seconds));
  const std::chrono::duration<double> run_seconds = std::chrono::steady_clock::now() - begun;

  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  std::printf(
      "{\"protocol\": \"%s\", \"nodes\": %zu, \"seconds\": %ld, \"events\": %llu, \"messages\": %llu, \"lookups\": "
      "%llu, \"mean_hops\": "
      "%.4f, "
      "\"threads\": %zu, \"run_seconds\": %.3f, \"cpu_seconds\": %.3f, \"max_rss_bytes\": %lld, \"digest\": "
      "\"%016llx\"}\n",
      protocol.c_str(), nodes, simulated_seconds, static_cast<unsigned long long>(world.counters().events),
      static_cast<unsigned long long>(world.counters().sent.datagrams), static_cast<unsigned long long>(tally.lookups),
      static_cast<double>(tally.hops) / static_cast<double>(std::max<std::uint64_t>(tally.left_their_node, 1)), threads,
      run_seconds.count(), cpu_seconds(usage), static_cast<long long>(usage.ru_maxrss) * 1024,
      static_cast<unsigned long long>(world.digest()));
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const bool counted = argc >= 3 && argc <= 5;
  const long nodes = counted ? std::strtol(argv[1], nullptr, 10) : 0;
  const long seconds = counted ? std::strtol(argv[2], nullptr, 10) : 0;
  const std::string protocol = argc >= 4 ? argv[3] : "plain";
  const long threads = argc == 5 ? std::strtol(argv[4], nullptr, 10) : 1;
  if (nodes < 2 || nodes > 10'000'000 || seconds < 1 || seconds > 1'000'000 || threads < 1 || threads > 64 ||
      (protocol != "plain" && protocol != "chord" && protocol != "confirmed")) {
    std::fprintf(
        stderr,
        "usage: bench_chord NODES SIMULATED_SECONDS [plain|chord|confirmed [THREADS]]   (2 to 10000000 nodes, 1 "
        "to 1000000 seconds, 1 to 64 threads)\n");
    return 2;
  }
  if (std::getenv("SMALL_PAGES") == nullptr) sim::prefer_large_pages();
  return run(static_cast<std::size_t>(nodes), seconds, protocol, static_cast<std::size_t>(threads));
}
