// The network between hosts: conditions by default, group, pair and direction; rates; partitions and clogs.

#include "sim/network/network.h"

#include "sim/engine/world.h"
#include "tests/catch.h"
#include "tests/sim/chatter.h"

namespace peerbed::sim::testing {
namespace {

using namespace std::chrono_literals;

NodeSet set_of(std::initializer_list<NodeIndex> nodes) {
  return NodeSet(std::span<const NodeIndex>(nodes.begin(), nodes.size()));
}

PathConditions constant(Duration latency) { return {.latency = LatencyModel::constant(latency)}; }

Network network_of(std::size_t hosts) {
  Network network(1);
  network.add_hosts(hosts);
  network.set_default(constant(10ms));
  return network;
}

Duration latency(Network& network, NodeIndex from, NodeIndex to) {
  const Transit transit = network.send({from, to, 100, at(1s), 0});
  REQUIRE(transit.copies == 1);
  return transit.copy[0].arrival - at(1s);
}

// Sends many datagrams, each at its own instant, and counts those that `matches` accepts.
template <class Matches>
double share(const PathConditions& conditions, Matches matches, int count = 20'000) {
  Network network = network_of(2);
  network.set_default(conditions);
  int matching = 0;
  for (int i = 0; i < count; ++i) matching += matches(network.send({0, 1, 100, at(i * 1ms), 0})) ? 1 : 0;
  return static_cast<double>(matching) / count;
}

}  // namespace

TEST_CASE("the most specific conditions of a path apply, in its direction only") {
  Network network = network_of(4);
  network.set_group(2, 1);
  network.set_group(3, 1);
  network.set_between_groups(0, 1, constant(20ms));
  network.set_between_hosts(0, 3, constant(30ms));
  CHECK(latency(network, 0, 1) == 10ms);
  CHECK(latency(network, 0, 2) == 20ms);
  CHECK(latency(network, 2, 0) == 10ms);
  CHECK(latency(network, 0, 3) == 30ms);
  CHECK(latency(network, 3, 0) == 10ms);
  network.set_between_groups(0, 1, constant(21ms));
  network.set_between_hosts(0, 3, constant(31ms));
  network.set_default(constant(11ms));
  CHECK(latency(network, 0, 2) == 21ms);
  CHECK(latency(network, 0, 3) == 31ms);
  CHECK(latency(network, 2, 3) == 11ms);
}

TEST_CASE("a new group keeps the conditions between the others") {
  Network network = network_of(3);
  network.set_group(1, 1);
  network.set_between_groups(0, 1, constant(20ms));
  network.set_group(2, 5);
  CHECK(latency(network, 0, 1) == 20ms);
  CHECK(latency(network, 0, 2) == 10ms);
}

TEST_CASE("loss, duplication, reordering and corruption are as frequent as requested") {
  PathConditions conditions = constant(10ms);
  conditions.loss = LossModel::independent(0.1);
  CHECK(share(conditions, [](const Transit& t) { return t.dropped == DropCause::loss; }) == Approx(0.1).margin(0.009));
  conditions = constant(10ms);
  conditions.duplicate = 0.2;
  CHECK(share(conditions, [](const Transit& t) { return t.copies == 2; }) == Approx(0.2).margin(0.012));
  conditions = constant(10ms);
  conditions.reorder = 0.3;
  conditions.reorder_delay = 5ms;
  CHECK(share(conditions, [](const Transit& t) { return t.reordered; }) == Approx(0.3).margin(0.013));
  conditions = constant(10ms);
  conditions.corrupt = 0.05;
  CHECK(share(conditions, [](const Transit& t) { return t.copy[0].corruption != 0; }) == Approx(0.05).margin(0.007));
}

TEST_CASE("a reordered datagram is overtaken by the next one") {
  PathConditions conditions = constant(10ms);
  conditions.reorder = 1;
  conditions.reorder_delay = 5ms;
  Network network = network_of(2);
  network.set_default(conditions);
  CHECK(latency(network, 0, 1) == 15ms);
}

TEST_CASE("losses of a bursty path come in runs, and each direction has its own") {
  Network network = network_of(2);
  PathConditions conditions = constant(10ms);
  conditions.loss = LossModel::gilbert_elliott({.to_bad = 0.01, .to_good = 0.1});
  network.set_default(conditions);
  int lost = 0;
  int runs = 0;
  bool before = false;
  for (int i = 0; i < 100'000; ++i) {
    const bool now = network.send({0, 1, 100, at(i * 1ms), 0}).dropped == DropCause::loss;
    lost += now ? 1 : 0;
    runs += now && !before ? 1 : 0;
    before = now;
  }
  CHECK(lost / 100'000.0 == Approx(1.0 / 11).epsilon(0.1));
  CHECK(static_cast<double>(lost) / runs == Approx(10).epsilon(0.1));
}

TEST_CASE("an up-link sends one datagram after the other, headers included, and drops what exceeds its queue") {
  Network network = network_of(2);
  network.set_uplink(0, {.rate = {1'000'000}, .queue_bytes = 300});
  const auto send = [&](Time time) { return network.send({0, 1, 97, time, 0}); };
  // 125 bytes on the wire take a millisecond at 1 Mbit/s.
  CHECK(send(at(0s)).copy[0].arrival == at(1ms + 10ms));
  CHECK(send(at(0s)).copy[0].arrival == at(2ms + 10ms));
  CHECK(send(at(0s)).dropped == DropCause::queue);
  CHECK(send(at(1ms)).copy[0].arrival == at(3ms + 10ms));
  CHECK(send(at(10ms)).copy[0].arrival == at(11ms + 10ms));
}

TEST_CASE("transmission times are rounded up") {
  Network network = network_of(2);
  network.set_uplink(0, {.rate = {3'000'000'000}, .queue_bytes = 1000});
  CHECK(network.send({0, 1, 72, at(0s), 0}).copy[0].arrival == at(267ns + 10ms));  // 266.67
}

TEST_CASE("a down-link is shared by all senders to a host, in order of arrival") {
  World world = chatter_world(3, 10ms);
  world.network().set_downlink(0, {.rate = {1'000'000}, .queue_bytes = 1000});
  const std::string text(97, 'x');
  world.command(1, "send 0 " + text);
  world.command(2, "send 0 " + text);
  world.run_until(at(1s));
  const auto& heard = world.node<Chatter>(0).heard;
  REQUIRE(heard.size() == 2);
  CHECK(heard[0].at == at(11ms));
  CHECK(heard[1].at == at(12ms));
}

TEST_CASE("a full down-link drops") {
  World world = chatter_world(2, 10ms);
  world.network().set_downlink(0, {.rate = {1'000'000}, .queue_bytes = 260});
  for (int i = 0; i < 5; ++i) world.command(1, "send 0 " + std::string(97, 'x'));
  world.run_until(at(1s));
  CHECK(world.node<Chatter>(0).heard.size() == 2);
  CHECK(world.counters().dropped_queue == 3);
}

TEST_CASE("a partition cuts both ways, a one-way partition one, and each heals by its name") {
  Network network = network_of(4);
  const auto passes = [&network](NodeIndex from, NodeIndex to) {
    return network.send({from, to, 1, at(1s), 0}).dropped == DropCause::none;
  };
  network.partition("split", set_of({0, 1}), set_of({2, 3}), false);
  CHECK_FALSE(passes(0, 2));
  CHECK_FALSE(passes(3, 1));
  CHECK(passes(0, 1));
  CHECK(passes(2, 3));
  network.partition("deaf", set_of({0}), set_of({1}), true);
  CHECK_FALSE(passes(0, 1));
  CHECK(passes(1, 0));
  CHECK(network.heal("split"));
  CHECK_FALSE(network.heal("split"));
  CHECK(passes(0, 2));
  CHECK_FALSE(passes(0, 1));
  network.heal_all();
  CHECK(passes(0, 1));
}

TEST_CASE("a world's plain network stops being plain with its first partition, clog, link or condition") {
  const NodeSet here = set_of({0});
  const NodeSet there = set_of({1});
  const auto arrival = [&](auto change) {
    World world = chatter_world(2, 10ms);
    world.command(0, "send 1 warm-up");
    change(world.network());
    world.run_until(at(1s));
    world.command(0, "send 1 " + std::string(97, 'x'));
    world.run_until(at(10s));
    const auto& heard = world.node<Chatter>(1).heard;
    return heard.size() < 2 ? Duration::zero() : heard.back().at - at(1s);
  };
  CHECK(arrival([](Network&) {}) == 10ms);
  CHECK(arrival([&](Network& network) { network.partition("split", here, there, false); }) == Duration::zero());
  CHECK(arrival([&](Network& network) {
          network.partition("split", here, there, false);
          network.heal("split");
        }) == 10ms);
  CHECK(arrival([&](Network& network) {
          network.partition("split", here, there, false);
          network.heal_all();
        }) == 10ms);
  CHECK(arrival([&](Network& network) { network.clog(here, there, at(3s)); }) == 2s + 10ms);
  CHECK(arrival([](Network& network) { network.set_uplink(0, {.rate = {1'000'000}, .queue_bytes = 500}); }) == 11ms);
  CHECK(arrival([](Network& network) { network.set_downlink(1, {.rate = {1'000'000}, .queue_bytes = 500}); }) == 11ms);
  CHECK(arrival([](Network& network) { network.set_default(constant(20ms)); }) == 20ms);
  CHECK(arrival([](Network& network) { network.set_between_hosts(0, 1, constant(30ms)); }) == 30ms);
}

TEST_CASE("what enters a clogged path leaves when the clog ends") {
  Network network = network_of(3);
  network.clog(set_of({0}), set_of({1}), at(5s));
  CHECK(latency(network, 0, 1) == 4s + 10ms);
  CHECK(latency(network, 1, 0) == 10ms);
  CHECK(latency(network, 0, 2) == 10ms);
  CHECK(network.send({0, 1, 1, at(6s), 0}).copy[0].arrival == at(6s + 10ms));
}

TEST_CASE("a datagram to oneself does not cross the network") {
  Network network = network_of(2);
  PathConditions conditions = constant(10ms);
  conditions.loss = LossModel::independent(1);
  network.set_default(conditions);
  CHECK(latency(network, 0, 0) == Network::loopback_latency);
}

TEST_CASE("the fate of a datagram depends on its ends and its instant, not on what else was sent") {
  PathConditions conditions{.latency = LatencyModel::exponential(1ms, 50ms)};
  Network alone = network_of(3);
  Network busy = network_of(3);
  alone.set_default(conditions);
  busy.set_default(conditions);
  for (int i = 0; i < 100; ++i) {
    busy.send({2, 1, 50, at(i * 1ms), 0});
    CHECK(busy.send({0, 1, 50, at(i * 1ms), 0}).copy[0].arrival ==
          alone.send({0, 1, 50, at(i * 1ms), 0}).copy[0].arrival);
  }
  CHECK(alone.send({0, 1, 50, at(0s), 0}).copy[0].arrival != alone.send({0, 1, 50, at(0s), 1}).copy[0].arrival);
}

}  // namespace peerbed::sim::testing
