#include "sim/network/partition.h"

#include <memory>
#include <set>
#include <vector>

#include "tests/catch.h"

namespace peerbed::sim::testing {
namespace {

using namespace std::chrono_literals;

Network network_of(std::size_t hosts) {
  Network network(1);
  network.add_hosts(hosts);
  return network;
}

// Site i is i milliseconds away from the next one, and 10 from all others.
std::shared_ptr<const DelayMatrix> three_sites() {
  auto delays = std::make_shared<DelayMatrix>(3);
  for (SiteIndex from = 0; from < 3; ++from)
    for (SiteIndex to = 0; to < 3; ++to) delays->set(from, to, from == to ? 0ms : 10ms);
  delays->set(0, 1, 7ms);
  delays->set(2, 1, 4ms);
  return delays;
}

}  // namespace

TEST_CASE("hosts are dealt in equal shares, each population by itself") {
  const std::vector<NodeIndex> firsts{0, 4};
  CHECK(deal_hosts(10, firsts, 2) == std::vector<LaneIndex>{0, 0, 1, 1, 0, 0, 0, 1, 1, 1});
  CHECK(deal_hosts(10, firsts, 1) == std::vector<LaneIndex>(10, 0));
}

TEST_CASE("populations smaller than the lanes are many leave no lane without hosts") {
  const std::vector<NodeIndex> firsts{0, 1, 2, 4};
  for (std::size_t lanes = 2; lanes <= 5; ++lanes) {
    const std::vector<LaneIndex> lane_of = deal_hosts(5, firsts, lanes);
    CHECK(std::set<LaneIndex>(lane_of.begin(), lane_of.end()).size() == lanes);
  }
}

TEST_CASE("sites that are close to each other get the same lane, if lanes get equal shares") {
  Network network = network_of(12);
  for (NodeIndex node = 0; node < 12; ++node) network.set_site(node, node % 4);
  auto delays = std::make_shared<DelayMatrix>(4);
  for (SiteIndex from = 0; from < 4; ++from)
    for (SiteIndex to = 0; to < 4; ++to) delays->set(from, to, 30ms);
  delays->set(3, 0, 2ms);
  delays->set(1, 2, 3ms);
  delays->set(0, 1, 9ms);
  network.set_default({.latency = LatencyModel::matrix(delays)});
  const std::vector<LaneIndex> two = deal_sites(network, 2);
  CHECK(two == std::vector<LaneIndex>{0, 1, 1, 0, 0, 1, 1, 0, 0, 1, 1, 0});
  CHECK(lookahead(network, two) == 9ms);
  CHECK(lookahead(network, deal_sites(network, 4)) == 2ms);
  CHECK(deal_sites(network, 3).empty());  // one would have six hosts
  CHECK(deal_sites(network, 5).empty());
  for (NodeIndex node = 0; node < 8; ++node) network.set_site(node, 0);
  CHECK(deal_sites(network, 2).empty());  // most hosts are at one site
  network.set_default({.latency = LatencyModel::constant(3ms)});
  CHECK(deal_sites(network, 2).empty());
}

TEST_CASE("the lookahead is the least latency between lanes, not within them") {
  Network network = network_of(4);
  for (NodeIndex node = 0; node < 3; ++node) network.set_site(node, node);
  network.set_site(3, 2);
  network.set_default({.latency = LatencyModel::matrix(three_sites(), 1ms)});
  CHECK(lookahead(network, std::vector<LaneIndex>{0, 0, 1, 1}) == 4ms);
  CHECK(lookahead(network, std::vector<LaneIndex>{0, 1, 1, 1}) == 7ms);
  CHECK(lookahead(network, std::vector<LaneIndex>{0, 0, 0, 1}) == 1ms);  // one site in two lanes
  network.set_between_hosts(0, 3, {.latency = LatencyModel::constant(2ms)});
  CHECK(lookahead(network, std::vector<LaneIndex>{0, 1, 1, 1}) == 2ms);
  CHECK(lookahead(network, std::vector<LaneIndex>{0, 1, 0, 0}) == 4ms);  // these two are in one lane
}

TEST_CASE("the lookahead takes groups and jitter into account") {
  Network network = network_of(3);
  network.set_group(2, 1);
  network.set_default({.latency = LatencyModel::uniform(5ms, 9ms)});
  network.set_between_groups(1, 0,
                             {.latency = LatencyModel::constant(3ms).with_jitter(Distribution::uniform(-1e6, 1e6))});
  CHECK(lookahead(network, std::vector<LaneIndex>{0, 1, 1}) == 2ms);
  CHECK(lookahead(network, std::vector<LaneIndex>{0, 1, 0}) == 2ms);
  network.set_between_groups(1, 0, {.latency = LatencyModel::exponential(0ms, 1ms)});
  CHECK(lookahead(network, std::vector<LaneIndex>{0, 1, 0}) == 1ns);
}

TEST_CASE("no sample is below the minimum between its sites") {
  const auto points = std::make_shared<const std::vector<PlanePoint>>(std::vector<PlanePoint>{{0, 0}, {3, 4}, {1, 7}});
  const LatencyModel plane = LatencyModel::plane(points, 1ms, 200us).with_jitter(Distribution::exponential(300'000));
  CHECK(plane.minimum(0, 1) == 2ms);
  CHECK(plane.minimum() == 1ms);
  KeyedStream draws(1);
  for (SiteIndex from = 0; from < 3; ++from)
    for (SiteIndex to = 0; to < 3; ++to)
      for (int i = 0; i < 100; ++i) CHECK(plane.sample(from, to, draws) >= plane.minimum(from, to));
}

TEST_CASE("what threads do not share is named") {
  Network network = network_of(2);
  CHECK(obstacle_to_lanes(network).empty());
  network.add_deed({.source = 0, .destination = 1, .kind = std::nullopt});
  CHECK(obstacle_to_lanes(network) == "single messages are to be lost, doubled or delayed");
  network.set_default({.loss = LossModel::gilbert_elliott({.to_bad = 0.1, .to_good = 0.5})});
  CHECK(obstacle_to_lanes(network) == "losses in bursts are not shared by threads");
  network.gateways().put_behind_firewall(0, 1);
  CHECK(obstacle_to_lanes(network) == "NATs and firewalls are not shared by threads");
}

}  // namespace peerbed::sim::testing
