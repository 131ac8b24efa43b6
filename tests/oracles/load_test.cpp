// Keys per node (Stoica et al., ToN 2003, section V-B): arcs are exponential, so the load of a node is geometric, and
// with v virtual nodes per host its share is Gamma(v, 1/v).

#include "tests/catch.h"
#include "tests/oracles/ring_world.h"

namespace peerbed::oracles {
namespace {

// Keys owned by each host if every `virtual_nodes` consecutive simulated hosts are one real one.
std::vector<double> loads(std::size_t hosts, std::size_t virtual_nodes, std::size_t keys) {
  RingWorld ring(hosts * virtual_nodes, still_options(), virtual_nodes);
  KeyedStream draws(3);
  std::vector<double> load(hosts, 0);
  for (std::size_t i = 0; i < keys; ++i) {
    const ring::Key key{draws.next()};
    auto owner = std::lower_bound(ring.members().begin(), ring.members().end(), ring::Contact{key, {}});
    if (owner == ring.members().end()) owner = ring.members().begin();
    const ring::Node& node = ring.node(sim::node_at(owner->address));
    REQUIRE(ring::owns(node.predecessor()->key, key, node.self()));
    load[sim::node_at(owner->address) / virtual_nodes] += 1;
  }
  return load;
}

}  // namespace

TEST_CASE("the load of a node is geometric: as variable as its mean, and empty as often as it should be") {
  constexpr double mean = 50;
  const std::vector<double> load = loads(10'000, 1, 500'000);
  const double empty = static_cast<double>(std::count(load.begin(), load.end(), 0.0)) / 10'000;
  CHECK(moments(load).mean == Approx(mean));
  CHECK(moments(load).deviation / mean == Approx(std::sqrt(1 + 1 / mean)).epsilon(0.04));
  CHECK(quantile(load, 0.99) / mean == Approx(4.605).epsilon(0.06));
  CHECK(empty == Approx(1 / (1 + mean)).epsilon(0.25));
  const double most = *std::max_element(load.begin(), load.end()) / mean;
  CHECK(most > 7.2);  // ln N + 0.577 = 9.8; the paper saw 9.1
  CHECK(most < 13.5);
}

TEST_CASE("virtual nodes even out the load as the Gamma distribution says") {
  struct Row {
    std::size_t virtual_nodes;
    double p1;
    double p99;
  };
  constexpr double mean = 200;
  constexpr std::size_t hosts = 2'000;
  for (const Row& row : {Row{2, .074, 3.319}, Row{5, .256, 2.321}, Row{10, .413, 1.878}, Row{20, .554, 1.592}}) {
    const std::vector<double> load = loads(hosts, row.virtual_nodes, static_cast<std::size_t>(mean) * hosts);
    INFO(row.virtual_nodes << " virtual nodes: p1 " << quantile(load, 0.01) / mean << ", p99 "
                           << quantile(load, 0.99) / mean);
    const double variance = 1.0 / static_cast<double>(row.virtual_nodes) + 1 / mean;
    CHECK(moments(load).deviation / mean == Approx(std::sqrt(variance)).epsilon(0.06));
    CHECK(quantile(load, 0.99) / mean == Approx(row.p99).epsilon(0.07));
    CHECK(quantile(load, 0.01) / mean == Approx(row.p1).margin(0.035));
  }
}

}  // namespace peerbed::oracles
