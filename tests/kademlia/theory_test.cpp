// Lookups of Kademlia in static networks with full buckets, compared with an independent simulation: alpha is 3, rounds
// are strict, and a lookup ends when the k closest contacts have answered.

#include <cmath>
#include <numeric>

#include "tests/catch.h"
#include "tests/kademlia/kademlia_world.h"

using namespace peerbed;
using namespace peerbed::kademlia;

namespace {

struct Oracle {
  double hops = 0;
  double rounds = 0;
  double requests = 0;
};

void check_mean(const char* what, const std::vector<double>& means, double expected) {
  const double mean = std::accumulate(means.begin(), means.end(), 0.0) / static_cast<double>(means.size());
  INFO(what << " " << mean << ", expected " << expected);
  CHECK(std::abs(mean - expected) <= 0.05 * expected);
}

// Lookups of one network are correlated, so only networks are independent.
void check_static(std::size_t nodes, std::size_t k, const Oracle& expected, std::size_t networks, std::size_t lookups) {
  const Options options{.bucket_size = k, .refresh_period = 240h, .resiliency = k, .lookup_mode = LookupMode::rounds};
  std::vector<double> hops;
  std::vector<double> rounds;
  std::vector<double> requests;
  for (std::size_t seed = 1; seed <= networks; ++seed) {
    KademliaWorld world(options, nodes, nodes, seed);
    world.start(0, nodes);
    KeyedStream draws(seed);
    for (std::size_t i = 0; i < lookups; ++i) {
      world.command(static_cast<NodeIndex>(draws.below(nodes)), "lookup " + std::to_string(draws.next()));
      world.run_for(1ms);
    }
    world.run_for(10s);
    const auto mean = [&](TraceEvent event, std::size_t field) {
      double sum = 0;
      for (const auto& entry : world.of(event)) sum += static_cast<double>(entry.values[field]);
      return sum / static_cast<double>(world.of(event).size());
    };
    REQUIRE(world.of(TraceEvent::lookup_cost).size() == lookups);
    hops.push_back(mean(TraceEvent::lookup_done, 0));
    requests.push_back(mean(TraceEvent::lookup_cost, 0));
    rounds.push_back(mean(TraceEvent::lookup_cost, 1));
    // Every one of them found the closest node.
    for (std::size_t i = 0; i < lookups; i += 16) {
      const auto& answered = world.of(TraceEvent::lookup_answered)[i];
      CHECK(world.contact(world.closest_to({answered.values[0], 0, 0})).id.high == answered.values[1]);
    }
  }
  check_mean("hops", hops, expected.hops);
  check_mean("rounds", rounds, expected.rounds);
  check_mean("requests", requests, expected.requests);
}

}  // namespace

TEST_CASE("lookups of Kademlia in 256 nodes take the hops, rounds and requests of theory") {
  check_static(256, 8, {1.86, 3.7, 9.9}, 10, 500);
  check_static(256, 20, {1.63, 7.1, 20.2}, 10, 500);
}

TEST_CASE("lookups of Kademlia in 1,024 nodes take the hops, rounds and requests of theory") {
  check_static(1024, 8, {2.26, 4.0, 10.9}, 6, 500);
  check_static(1024, 20, {1.89, 7.6, 21.5}, 6, 500);
}

TEST_CASE("lookups of Kademlia in 4,096 nodes take the hops, rounds and requests of theory") {
  check_static(4096, 8, {2.64, 4.4, 12.1}, 3, 500);
  check_static(4096, 20, {2.20, 7.9, 22.5}, 3, 500);
}

TEST_CASE("lookups of Kademlia in 16,384 nodes take the hops, rounds and requests of theory", "[.nightly]") {
  check_static(16'384, 8, {3.02, 4.8, 13.3}, 3, 2'000);
  check_static(16'384, 20, {2.54, 8.1, 23.2}, 3, 2'000);
}

TEST_CASE("lookups of Kademlia in 65,536 nodes take the hops, rounds and requests of theory", "[.nightly]") {
  check_static(65'536, 8, {3.42, 5.2, 14.4}, 2, 2'000);
  check_static(65'536, 20, {2.82, 8.5, 24.3}, 2, 2'000);
}
