// A fraction of a ring fails at once: lookups before any repair (Stoica et al., ToN 2003, table II: 1,000 nodes, a
// successor list of 20), and what becomes of keys on their holders.

#include "tests/catch.h"
#include "tests/oracles/ring_world.h"

namespace peerbed::oracles {
namespace {

// Crashes exactly `share` of the members, chosen uniformly.
void crash_at_once(RingWorld& ring, double share, KeyedStream& draws) {
  const auto count = static_cast<std::size_t>(share * static_cast<double>(ring.members().size()));
  for (std::size_t crashed = 0; crashed < count; ++crashed) ring.crash(ring.any_member(draws));
}

struct Measured {
  Moments path;
  Moments timeouts;
};

// Rings differ so much by which nodes fail that one says little (its timeouts deviate by a tenth), so this takes the
// mean over many, each with its own nodes and failures.
Measured look_up_around(double failed, ring::LookupMode mode) {
  constexpr std::size_t rings = 60;
  constexpr std::size_t lookups = 300;
  ring::Options options = still_options();
  options.successor_list_length = 20;
  options.lookup_mode = mode;
  std::vector<double> path_means;
  std::vector<double> timeout_means;
  for (std::size_t seed = 1; seed <= rings; ++seed) {
    RingWorld ring(1000, options, seed);
    KeyedStream draws(seed);
    crash_at_once(ring, failed, draws);
    ring.look_up(lookups, draws, 20ms, 600s);
    REQUIRE(ring.ends().size() == lookups);
    const std::vector<double> hops = hops_of(ring.ends());
    CHECK(hops.size() == lookups);  // all succeed
    path_means.push_back(moments(hops).mean);
    std::vector<double> timeouts;
    for (const LookupEnd& end : ring.ends()) timeouts.push_back(static_cast<double>(end.timeouts));
    timeout_means.push_back(moments(timeouts).mean);
  }
  return {moments(path_means), moments(timeout_means)};
}

void check(const char* mode, const Measured& measured, double path, double timeouts) {
  INFO(mode << ": path " << measured.path.mean << " +- " << measured.path.standard_error << ", timeouts "
            << measured.timeouts.mean << " +- " << measured.timeouts.standard_error);
  CHECK(measured.path.mean == Approx(path).epsilon(0.10));
  CHECK(measured.timeouts.mean == Approx(timeouts).epsilon(0.10));
}

// Path and timeouts are those of an independent simulation of forwarded lookups. Each hop finds silent nodes by itself,
// including dead ones that an earlier hop has met. A lookup driven by its initiator meets each of them once: before
// each live hop there are p / (1 - p) dead ones.
void check_failures(double failed, double path, double timeouts) {
  check("recursive", look_up_around(failed, ring::LookupMode::recursive), path, timeouts);
  const Measured iterative = look_up_around(failed, ring::LookupMode::iterative);
  check("iterative", iterative, path, iterative.path.mean * failed / (1 - failed));
}

// P(all of `holders` consecutive nodes are among the failed).
double all_failed(std::size_t nodes, std::size_t failed, std::size_t holders) {
  double probability = 1;
  for (std::size_t i = 0; i < holders; ++i)
    probability *= static_cast<double>(failed - i) / static_cast<double>(nodes - i);
  return probability;
}

}  // namespace

TEST_CASE("lookups route around a tenth of the nodes that failed at once") { check_failures(0.1, 3.99, 0.51); }
TEST_CASE("lookups route around a third of the nodes that failed at once") { check_failures(0.3, 4.43, 2.05); }
TEST_CASE("lookups route around half of the nodes that failed at once") { check_failures(0.5, 5.16, 5.47); }

// Keys on R consecutive nodes are lost if all of these fail: C(pN, R) / C(N, R).
TEST_CASE("with R holders per value, a share of about p^R is lost when a share p of the nodes fails at once") {
  constexpr std::size_t nodes = 1000;
  constexpr std::size_t keys = 6000;
  for (const std::size_t replicas : {1, 2, 3}) {
    ring::Options options = still_options();
    options.replicas = replicas;
    RingWorld ring(nodes, options, 3);
    KeyedStream draws(replicas);
    for (std::size_t key = 0; key < keys; ++key) {
      ring.world().command(static_cast<NodeIndex>(draws.below(nodes)), "put name" + std::to_string(key) + " value");
      ring.world().run_until(ring.world().now() + 10ms);
    }
    ring.world().run_until(ring.world().now() + 10s);
    const auto held = [&ring] {
      std::vector<ring::Key> all;
      for (NodeIndex node = 0; node < nodes; ++node)
        if (ring.world().status(node) == sim::HostStatus::running)
          ring.node(node).for_each_value([&all](ring::Key key, ring::ValueStamp) { all.push_back(key); });
      const std::size_t copies = all.size();
      std::sort(all.begin(), all.end());
      all.erase(std::unique(all.begin(), all.end()), all.end());
      return std::pair(all.size(), copies);
    };
    REQUIRE(held() == std::pair(keys, keys * replicas));
    crash_at_once(ring, 0.3, draws);
    const double lost = 1.0 - static_cast<double>(held().first) / keys;
    const double expected = all_failed(nodes, 300, replicas);
    // Keys of one arc share their fate: there are as many independent draws as nodes, not as keys.
    const double error = std::sqrt(expected * (1 - expected) * (1.0 / keys + 2.0 / nodes));
    INFO(replicas << " holders: lost " << lost << ", expected " << expected << " +- " << error);
    CHECK(std::abs(lost - expected) <= 4 * error);
    CHECK((replicas > 1 || lost > 0.2));
  }
}

}  // namespace peerbed::oracles
