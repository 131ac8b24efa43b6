// The links of a topology: the route over them, their rates and queues, and how streams and datagrams share them.

#include "sim/network/backbone.h"

#include <numeric>

#include "sim/engine/world.h"
#include "sim/network/topology.h"
#include "tests/catch.h"
#include "tests/sim/chatter.h"
#include "tests/sim/streamer.h"

namespace peerbed::sim::testing {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t megabit = 1'000'000;
const LinkLimit unlimited{};

TopologyLink link(SiteIndex from, SiteIndex to, Duration delay, LinkLimit limit = unlimited) {
  return {from, to, false, delay, limit.rate, limit.queue_bytes};
}

Topology topology_of(std::size_t sites, std::vector<TopologyLink> links) {
  Topology topology;
  topology.sites.resize(sites);
  topology.links = std::move(links);
  return topology;
}

// Puts one host at each of `sites`, in order.
void lay(Network& network, const Topology& topology, const std::vector<SiteIndex>& sites) {
  const auto delays = std::make_shared<const DelayMatrix>(shortest_path_delays(topology));
  network.set_default({.latency = LatencyModel::matrix(delays)});
  network.set_backbone(Backbone(topology, delays, unlimited));
  for (NodeIndex node = 0; node < sites.size(); ++node) network.set_site(node, sites[node]);
}

Network network_over(const Topology& topology, const std::vector<SiteIndex>& sites) {
  Network network(1);
  network.add_hosts(sites.size());
  lay(network, topology, sites);
  return network;
}

World world_over(const Topology& topology, const std::vector<SiteIndex>& sites, std::uint32_t segment_size = 65'536) {
  WorldOptions options;
  options.streams.segment_size = segment_size;
  World world = streamer_world(sites.size(), 1ms, options);
  lay(world.network(), topology, sites);
  return world;
}

// The link from one site to another.
LinkIndex link_between(const Network& network, SiteIndex from, SiteIndex to) {
  const auto links = network.backbone().links();
  const auto found = std::find_if(links.begin(), links.end(), [from, to](const BackboneLink& candidate) {
    return candidate.from == from && candidate.to == to;
  });
  REQUIRE(found != links.end());
  return static_cast<LinkIndex>(found - links.begin());
}

const LinkUse& use_of(const World& world, SiteIndex from, SiteIndex to) {
  return world.network().backbone().use(link_between(world.network(), from, to));
}

// Takes a datagram over all its links. Returns the time at its host, or nothing if a queue was full.
std::optional<Time> arrival(Network& network, NodeIndex from, NodeIndex to, Time sent, std::size_t payload = 972) {
  const Transit transit = network.send({from, to, payload, sent, 0});
  REQUIRE(transit.copies == 1);
  LinkIndex next = transit.copy[0].link;
  Time at = transit.copy[0].arrival;
  while (next != no_link)
    if (network.cross(next, {.time = nanoseconds_since_start(at), .destination = to, .source = from}, payload, at) !=
        DropCause::none)
      return std::nullopt;
  return at;
}

// The bytes per second that arrived from `begin` to `end` on stream 1 of each node.
std::vector<double> rates(World& world, const std::vector<NodeIndex>& nodes, Duration begin, Duration end) {
  const auto received = [&](NodeIndex node) {
    const Streamer::Fetch& fetch = streamer(world, node).fetches.at(1);
    return static_cast<double>(fetch.done * fetch.piece);
  };
  world.run_until(at(begin));
  std::vector<double> before;
  for (const NodeIndex node : nodes) before.push_back(received(node));
  world.run_until(at(end));
  std::vector<double> rates;
  for (std::size_t i = 0; i < nodes.size(); ++i)
    rates.push_back((received(nodes[i]) - before[i]) / (static_cast<double>((end - begin).count()) * 1e-9));
  return rates;
}

// The payload share of a rate, in bytes per second.
double payload_capacity(double bits_per_second) { return bits_per_second / 8 * 1460 / 1500; }

}  // namespace

TEST_CASE("a datagram takes the route's delay plus its time on each link with a rate") {
  // 1000 bytes with headers: 0.8 ms at 10 Mbit/s, 8 ms at 1 Mbit/s.
  const Topology topology = topology_of(
      4, {link(0, 1, 5ms), link(1, 2, 7ms, {{10 * megabit}, 10'000}), link(2, 3, 11ms, {{megabit}, 10'000})});
  Network network = network_over(topology, {0, 1, 2, 3, 3});
  CHECK(arrival(network, 0, 1, at(1s)) == at(1s + 5ms));
  CHECK(arrival(network, 0, 2, at(2s)) == at(2s + 12ms + 800us));
  CHECK(arrival(network, 0, 3, at(3s)) == at(3s + 23ms + 8'800us));
  CHECK(arrival(network, 3, 0, at(4s)) == at(4s + 23ms + 8'800us + 1ns));  // the first link is a nanosecond away
  CHECK(arrival(network, 3, 4, at(5s)) == at(5s + default_delay_within_site));
  CHECK(network.backbone().use(link_between(network, 0, 1)).packets == 0);  // it has no rate
  CHECK(network.backbone().use(link_between(network, 1, 2)).packets == 2);
  CHECK(network.backbone().use(link_between(network, 2, 1)).bytes == 1000);
}

TEST_CASE("datagrams wait for one another on a link, but not for those of the other direction") {
  const Topology topology = topology_of(3, {link(0, 1, 5ms), link(1, 2, 5ms, {{megabit}, 100'000})});
  Network network = network_over(topology, {0, 0, 2});
  CHECK(arrival(network, 0, 2, at(1s)) == at(1s + 18ms));
  CHECK(arrival(network, 1, 2, at(1s)) == at(1s + 26ms));
  CHECK(arrival(network, 2, 0, at(1s)) == at(1s + 18ms + 1ns));
}

TEST_CASE("of equally short routes the one over the first link of the file is taken") {
  const LinkLimit limit{{megabit}, 10'000};
  const auto way = [&](std::vector<TopologyLink> links) {
    const Topology topology = topology_of(4, std::move(links));
    const auto delays = std::make_shared<const DelayMatrix>(shortest_path_delays(topology));
    const Backbone backbone(topology, delays, unlimited);
    return backbone.links()[backbone.first_leg(0, 3).link].to;
  };
  const TopologyLink left = link(0, 1, 2ms, limit), right = link(0, 2, 1ms, limit);
  const TopologyLink left_end = link(1, 3, 1ms, limit), right_end = link(2, 3, 2ms, limit);
  CHECK(way({left, right, left_end, right_end}) == 1);
  CHECK(way({right, left, left_end, right_end}) == 2);
  CHECK(way({left, right, link(1, 3, 2ms, limit), right_end}) == 2);
}

TEST_CASE("the queue of a link holds as many bytes as it says, and its drops are counted") {
  const Topology topology = topology_of(3, {link(0, 1, 1ms, {{megabit}, 10'000}), link(1, 2, 1ms, {{megabit}, 4'000})});
  Network network = network_over(topology, {0, 1, 2});
  int there = 0;
  for (int i = 0; i < 50; ++i) there += arrival(network, 0, 1, at(1s)) ? 1 : 0;
  // One on the wire and ten in the queue: datagrams that arrive together count all at once.
  CHECK(there == 10);
  const LinkUse& first = network.backbone().use(link_between(network, 0, 1));
  CHECK(first.packets == 50);
  CHECK(first.dropped == 40);
  CHECK(first.bytes == 10'000);
  CHECK(first.longest_wait <= 80ms);  // 10,000 bytes at 1 Mbit/s
  CHECK(network.backbone().use(link_between(network, 1, 2)).packets == 0);
}

TEST_CASE("a topology whose links have no rate costs nothing") {
  const Topology topology = topology_of(2, {link(0, 1, 5ms)});
  Network network = network_over(topology, {0, 1});
  CHECK(network.backbone().empty());
  CHECK(network.backbone().links().empty());
  CHECK(network.send({0, 1, 100, at(1s), 0}).copy[0].link == no_link);
}

TEST_CASE("conditions of two hosts apply before their links") {
  const Topology topology = topology_of(2, {link(0, 1, 5ms, {{megabit}, 10'000})});
  Network network = network_over(topology, {0, 1});
  network.set_between_hosts(0, 1, {.latency = LatencyModel::constant(30ms)});
  CHECK(arrival(network, 0, 1, at(1s)) == at(1s + 38ms));
  network.set_between_hosts(0, 1, {.latency = LatencyModel::constant(1ms)});
  CHECK(arrival(network, 0, 1, at(2s)) == at(2s + 13ms + 1ns));
}

TEST_CASE("a stream fills the middle link of three") {
  const std::uint32_t size = GENERATE(1460U, 65'536U);
  const LinkLimit wide{{100 * megabit}, 100'000};
  const Topology topology =
      topology_of(4, {link(0, 1, 5ms, wide), link(1, 2, 10ms, {{10 * megabit}, 100'000}), link(2, 3, 5ms, wide)});
  World world = world_over(topology, {0, 3}, size);
  give_file(world, 0, 100'000'000);
  world.run_until(at(1s));
  world.command(1, "fetch 1 0 65536 600");
  world.run_until(at(60s));
  const Streamer::Fetch& fetch = streamer(world, 1).fetches.at(1);
  REQUIRE(fetch.done == 600);
  const double seconds = static_cast<double>((fetch.finished - fetch.opened).count()) * 1e-9;
  const double share = 600 * 65'536 / seconds / payload_capacity(10e6);
  CAPTURE(size, share);
  CHECK(share >= 0.95);
  CHECK(share <= 1.0);
  const LinkUse& middle = use_of(world, 1, 2);
  CHECK(middle.dropped > 0);
  CHECK(middle.dropped == world.stream_counters().packets_overflowed);
  CHECK(use_of(world, 0, 1).dropped == 0);
  CHECK(use_of(world, 2, 3).packets == middle.packets - middle.dropped);
  CHECK(middle.longest_wait <= 80ms);  // 100,000 bytes at 10 Mbit/s
  CHECK(middle.longest_wait >= 60ms);
}

TEST_CASE("two streams over one link of a topology share it evenly") {
  const std::uint32_t size = GENERATE(1460U, 65'536U);
  const Topology topology =
      topology_of(6, {link(0, 2, 3ms), link(1, 2, 3ms), link(2, 3, 10ms, {{20 * megabit}, 100'000}), link(3, 4, 3ms),
                      link(3, 5, 3ms)});
  World world = world_over(topology, {0, 1, 4, 5}, size);
  for (const NodeIndex source : {0, 1}) give_file(world, source, 1'000'000'000);
  world.run_until(at(1s));
  world.command(2, "fetch 1 0 65536 1000000");
  world.run_until(at(1s + 370ms));
  world.command(3, "fetch 1 1 65536 1000000");
  const std::vector<double> got = rates(world, {2, 3}, 10s, 130s);
  const double sum = got[0] + got[1];
  CAPTURE(size, got);
  CHECK(sum * sum / (2 * (got[0] * got[0] + got[1] * got[1])) >= 0.98);
  CHECK(sum >= 0.95 * payload_capacity(20e6));
}

TEST_CASE("a flood of datagrams slows a stream that shares a link with it") {
  const Topology topology = topology_of(3, {link(0, 1, 1ms), link(1, 2, 10ms, {{10 * megabit}, 50'000})});
  const auto fetched_in = [&](bool floods) {
    World world = world_over(topology, {0, 0, 2, 2});
    give_file(world, 0, 100'000'000);
    world.run_until(at(1s));
    world.command(2, "fetch 1 0 65536 60");
    const NodeIndex flooder = world.add_population<Chatter>(2, [](NodeIndex) { return Chatter(); });
    world.network().set_site(flooder + 1, 2);
    for (const NodeIndex node : {flooder, flooder + 1}) world.start(node);
    // 1000 bytes every 1.6 ms: half of the link.
    const std::string datagram = "send " + std::to_string(flooder + 1) + " " + std::string(972, 'x');
    while (floods && world.now() < at(20s)) {
      world.run_until(world.now() + 1'600us);
      world.command(flooder, datagram);
    }
    world.run_until(at(21s));
    const Streamer::Fetch& fetch = streamer(world, 2).fetches.at(1);
    REQUIRE(fetch.done == 60);
    if (floods) {
      CHECK(world.counters().dropped_queue + world.stream_counters().packets_overflowed == use_of(world, 1, 2).dropped);
      CHECK(world.counters().dropped_queue > 0);
    }
    return static_cast<double>((fetch.finished - fetch.opened).count()) * 1e-9;
  };
  const double alone = fetched_in(false);
  const double beside = fetched_in(true);
  CAPTURE(alone, beside);
  CHECK(beside > 1.7 * alone);
  CHECK(beside < 2.6 * alone);
}

// On two links in a row a long stream meets the losses of both, and each short one only its own. Max-min fairness gives
// each of them half a link (Bertsekas and Gallager, Data Networks, 1992), proportional fairness gives the long one a
// third (Kelly, 1998), and TCP is known to end up in between. All round trips are alike here.
TEST_CASE("streams on a parking lot share between proportionally and max-min fairly") {
  const std::uint32_t size = GENERATE(1460U, 65'536U);
  const LinkLimit unit{{20 * megabit}, 100'000};
  // Sites 0, 1, 2 in a row; each stream has its own source and sink, located so that all routes take 30 ms.
  const Topology topology =
      topology_of(9, {link(0, 1, 5ms, unit), link(1, 2, 5ms, unit), link(3, 0, 10ms), link(4, 0, 12'500us),
                      link(5, 1, 12'500us), link(2, 6, 10ms), link(1, 7, 12'500us), link(2, 8, 12'500us)});
  World world = world_over(topology, {3, 4, 5, 6, 7, 8}, size);
  for (const NodeIndex source : {0, 1, 2}) give_file(world, source, 1'000'000'000);
  for (const NodeIndex source : {0, 1, 2}) {
    world.run_until(at(1s + source * 330ms));
    world.command(source + 3, "fetch 1 " + std::to_string(source) + " 65536 1000000");
  }
  const std::vector<double> got = rates(world, {3, 4, 5}, 20s, 220s);
  const double whole = payload_capacity(20e6);
  CAPTURE(size, got[0] / whole, got[1] / whole, got[2] / whole);
  CHECK(got[0] >= 0.3 * whole);
  CHECK(got[0] <= 0.55 * whole);
  CHECK(got[1] == Approx(got[2]).epsilon(0.1));
  CHECK(got[0] + got[1] >= 0.95 * whole);
  CHECK(got[0] + got[2] >= 0.95 * whole);
}

// Max-min shares follow from progressive filling.
TEST_CASE("streams over two unequal links come close to their max-min shares") {
  const std::uint32_t size = GENERATE(1460U, 65'536U);
  // A, B and C share 20 Mbit/s, C and D 8 Mbit/s: C and D get 4, A and B 8.
  const Topology topology =
      topology_of(11, {link(0, 1, 5ms, {{20 * megabit}, 100'000}), link(1, 2, 5ms, {{8 * megabit}, 60'000}),
                       link(3, 0, 10ms), link(4, 0, 10ms), link(5, 0, 10ms), link(6, 1, 10ms), link(1, 7, 15ms),
                       link(1, 8, 15ms), link(2, 9, 10ms), link(2, 10, 15ms)});
  World world = world_over(topology, {3, 4, 5, 6, 7, 8, 9, 10}, size);
  for (const NodeIndex source : {0, 1, 2, 3}) give_file(world, source, 1'000'000'000);
  for (const NodeIndex source : {0, 1, 2, 3}) {
    world.run_until(at(1s + source * 330ms));
    world.command(source + 4, "fetch 1 " + std::to_string(source) + " 65536 1000000");
  }
  const std::vector<double> got = rates(world, {4, 5, 6, 7}, 20s, 220s);
  CAPTURE(size, got[0] / payload_capacity(8e6), got[1] / payload_capacity(8e6), got[2] / payload_capacity(4e6),
          got[3] / payload_capacity(4e6));
  // The stream that crosses both queues also has the longest round trip, and gets less than its share.
  CHECK(got[0] == Approx(payload_capacity(8e6)).epsilon(0.2));
  CHECK(got[1] == Approx(got[0]).epsilon(0.2));  // drop-tail queues favour some flows
  CHECK(got[2] >= 0.5 * payload_capacity(4e6));
  CHECK(got[2] <= 1.1 * payload_capacity(4e6));
  CHECK(got[0] + got[1] + got[2] >= 0.95 * payload_capacity(20e6));
  CHECK(got[2] + got[3] >= 0.95 * payload_capacity(8e6));
}

TEST_CASE("worlds with a backbone are values, and neither queue nor copy changes a run") {
  const std::uint32_t size = GENERATE(1460U, 65'536U);
  const LinkLimit narrow{{10 * megabit}, 30'000};
  const Topology topology = topology_of(
      4, {link(0, 1, 2ms, narrow), link(1, 2, 3ms, narrow), link(2, 3, 2ms, narrow), link(3, 0, 4ms, narrow)});
  const auto begin = [&](EventQueueKind queue) {
    WorldOptions options{.seed = 3, .queue = queue};
    options.streams.segment_size = size;
    World world = streamer_world(8, 1ms, options);
    const auto delays = std::make_shared<const DelayMatrix>(shortest_path_delays(topology));
    world.network().set_default({.latency = LatencyModel::matrix(delays).with_jitter(Distribution::uniform(0, 2e6)),
                                 .loss = LossModel::independent(0.002),
                                 .duplicate = 0.01,
                                 .reorder = 0.01,
                                 .reorder_delay = 10ms});
    world.network().set_backbone(Backbone(topology, delays, unlimited));
    for (NodeIndex node = 0; node < 8; ++node) world.network().set_site(node, node % 4);
    for (NodeIndex node = 0; node < 3; ++node) world.network().set_downlink(node, {{8 * megabit}, 30'000});
    for (NodeIndex node = 0; node < 8; ++node) give_file(world, node, 10'000'000, node + 1);
    for (NodeIndex node = 0; node < 8; ++node)
      world.command(node, "fetch 1 " + std::to_string((node + 2) % 8) + " 16384 100000");
    const NodeIndex chatters = world.add_population<Chatter>(4, [](NodeIndex) { return Chatter(); });
    for (NodeIndex node = chatters; node < chatters + 4; ++node) {
      world.network().set_site(node, node % 4);
      world.start(node);
      world.command(node, "chat 12 3");
    }
    return world;
  };
  World wheel = begin(EventQueueKind::wheel);
  World heap = begin(EventQueueKind::heap);
  wheel.run_until(at(2s));
  World copy = wheel;
  CHECK(copy.state_digest() == wheel.state_digest());
  for (World* world : {&wheel, &heap, &copy}) world->run_until(at(6s));
  CHECK(wheel.stream_counters().packets_overflowed > 100);
  CHECK(wheel.counters().dropped_queue > 0);
  CHECK(copy.digest() == wheel.digest());
  CHECK(heap.digest() == wheel.digest());
  CHECK(heap.state_digest() == wheel.state_digest());
}

}  // namespace peerbed::sim::testing
