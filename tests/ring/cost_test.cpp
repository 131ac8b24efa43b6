// What operations cost in messages; on a bad network, a small multiple of the cost in a quiet one at most.

#include <algorithm>

#include "tests/catch.h"
#include "tests/ring/ring_world.h"

using namespace peerbed;
using namespace peerbed::ring;
using namespace std::chrono_literals;

namespace {

std::uint64_t finds_sent(RingWorld& ring) { return ring.world().sent_by_kind(0)[Find::kind.number].datagrams; }

struct Cost {
  double finds = 0;    // per lookup
  double success = 0;  // share of the lookups
};

// Only lookups cause finds here: no finger is ever looked up.
Cost cost_of_lookups(const sim::PathConditions& path, std::size_t nodes, Duration length, std::uint64_t seed) {
  Options options;
  options.fix_finger_period = 0s;
  options.lookup_period = 20s;
  RingWorld ring(options, nodes, nodes, seed);
  ring.world().network().set_default(path);
  ring.start_all();
  ring.run_for(length);
  const auto& lookups = ring.journal().of(TraceEvent::lookup_done);
  const auto succeeded =
      std::count_if(lookups.begin(), lookups.end(), [](const auto& entry) { return entry.values[3]; });
  REQUIRE(lookups.size() > nodes);
  const auto count = static_cast<double>(lookups.size());
  return {static_cast<double>(finds_sent(ring)) / count, static_cast<double>(succeeded) / count};
}

sim::PathConditions quiet(Duration latency) {
  sim::PathConditions path;
  path.latency = sim::LatencyModel::constant(latency);
  return path;
}

sim::PathConditions rough(Duration latency) {
  sim::PathConditions path = quiet(latency);
  path.loss = sim::LossModel::independent(0.2);
  path.duplicate = 0.5;
  path.reorder = 0.6;
  path.reorder_delay = 2s;
  return path;
}

void check_cost_at_any_latency(std::size_t nodes) {
  const Cost near = cost_of_lookups(quiet(1ms), nodes, 10min, 1);
  CHECK(near.success == 1);
  for (const Duration latency : {300ms, 600ms, 2000ms, 5000ms}) {
    const Cost far = cost_of_lookups(quiet(latency), nodes, 10min, 1);
    INFO(nodes << " nodes, " << latency.count() / 1'000'000 << " ms: " << far.finds << " finds a lookup, near "
               << near.finds);
    CHECK(far.finds < 1.5 * near.finds);
    CHECK(far.success > 0.99);
  }
}

void check_cost_in_rough_networks(std::size_t nodes) {
  for (const Duration latency : {1ms, 100ms, 1000ms, 5000ms}) {
    const Cost ideal = cost_of_lookups(quiet(latency), nodes, 20min, 1);
    const Cost cost = cost_of_lookups(rough(latency), nodes, 20min, 1);
    INFO(nodes << " nodes, " << latency.count() / 1'000'000 << " ms: " << cost.finds << " finds a lookup, quiet "
               << ideal.finds << ", success " << cost.success);
    CHECK(cost.finds < 4 * ideal.finds);
    CHECK(cost.success > 0.99);
  }
}

}  // namespace

TEST_CASE("a lookup costs as many finds at any latency as where peers are near") {
  check_cost_at_any_latency(GENERATE(3, 30, 200));
}

TEST_CASE("loss, duplication and reordering cost a lookup at most four times the finds of a quiet network") {
  check_cost_in_rough_networks(GENERATE(4, 30, 200));
}

TEST_CASE("a lookup's cost is bounded in a ring of a thousand nodes", "[.nightly]") {
  check_cost_at_any_latency(1000);
  check_cost_in_rough_networks(1000);
}

TEST_CASE("a join costs a bounded number of finds, however far away the ring is") {
  const Duration latency = GENERATE(20ms, 600ms, 2000ms, 5000ms);
  Options options;
  options.fix_finger_period = 0s;
  RingWorld ring(options, 65, 64);
  ring.world().network().set_default(rough(latency));
  ring.start_all();
  ring.run_for(10min);
  INFO(latency.count() / 1'000'000 << " ms, " << finds_sent(ring) << " finds");
  CHECK(ring.node(64).joined());
  CHECK(finds_sent(ring) < 1000);  // the join's own, and those of the new node's six fingers
}

TEST_CASE("a node whose round trips take seconds joins, and its ring knows it") {
  const Duration far = GENERATE(1500ms, 2500ms, 5000ms);
  RingWorld ring(Options{}, 21, 20);
  const sim::PathConditions slow = quiet(far);
  ring.world().network().set_default(quiet(20ms));
  for (NodeIndex near = 0; near < 20; ++near) {
    ring.world().network().set_between_hosts(20, near, slow);
    ring.world().network().set_between_hosts(near, 20, slow);
  }
  ring.start_all();
  ring.run_for(5min);
  INFO(far.count() / 1'000'000 << " ms: " << ring.flaw());
  CHECK(ring.node(20).joined());
  CHECK(ring.flaw() == "");
}

TEST_CASE("a node that returns before it was missed joins without waiting for its former process") {
  RingWorld ring(Options{}, 20, 20);
  ring.start_all();
  ring.run_for(20s);
  for (NodeIndex node = 3; node < 20; ++node) {
    ring.world().crash(node, Disk::wipe);
    ring.run_for(1s);
    ring.world().start(node);
    ring.run_for(1s);
    INFO("host " << node);
    CHECK(ring.node(node).joined());
    ring.run_for(30s);
  }
}
