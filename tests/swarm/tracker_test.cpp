// The tracker's list: who is on it, who hears of it, and what happens when peers, trackers and datagrams are lost.

#include "protocols/swarm/trackers/tracker.h"

#include "tests/catch.h"
#include "tests/environment/round_trip.h"
#include "tests/swarm/swarm_world.h"

using namespace peerbed;
using namespace peerbed::swarm;
using namespace std::chrono_literals;

namespace {

// Whether every running peer lists exactly the other running peers.
bool lists_are_right(SwarmWorld& swarm, std::size_t peers) {
  std::size_t running = 0;
  const auto runs = [&](std::size_t i) { return swarm.world().status(swarm.peer(i)) == sim::HostStatus::running; };
  for (std::size_t i = 0; i < peers; ++i) running += runs(i) ? 1 : 0;
  for (std::size_t i = 0; i < peers; ++i) {
    if (!runs(i)) continue;
    const PeerList& list = swarm.peer_node(i).list();
    if (list.size() != running - 1) return false;
    for (std::size_t k = 0; k < peers; ++k)
      if (k != i && list.contains(sim::address_of(swarm.peer(k))) != runs(k)) return false;
  }
  return true;
}

void set_loss(SwarmWorld& swarm, double loss) {
  sim::PathConditions path;
  path.latency = sim::LatencyModel::uniform(5ms, 50ms);
  path.loss = sim::LossModel::independent(loss);
  swarm.world().network().set_default(path);
}

// The bytes of the list that the tracker sent so far.
std::uint64_t list_bytes(SwarmWorld& swarm) {
  const auto sent = swarm.world().sent_by_kind(swarm.tracker());
  return sent[ListPage::kind.number].bytes + sent[ListChanges::kind.number].bytes;
}

}  // namespace

TEST_CASE("all peers list each other soon after they started") {
  SwarmWorld swarm({}, {.peers = 20});
  swarm.start_all();
  swarm.run_for(500ms);
  CHECK(swarm.tracker_node().peers() == 20);
  CHECK(lists_are_right(swarm, 20));
}

TEST_CASE("a peer that leaves is off the list at once, one that dies after the missed heartbeats") {
  SwarmWorld swarm({}, {.peers = 8});
  swarm.start_all();
  swarm.run_for(2s);
  swarm.world().leave(swarm.peer(3));
  swarm.run_for(200ms);
  CHECK(lists_are_right(swarm, 8));
  CHECK_FALSE(swarm.tracker_node().lists(sim::address_of(swarm.peer(3))));
  swarm.world().crash(swarm.peer(5), Disk::keep);
  swarm.run_for(1500ms);
  CHECK(swarm.tracker_node().lists(sim::address_of(swarm.peer(5))));
  swarm.run_for(3s);
  CHECK(lists_are_right(swarm, 8));
  CHECK(swarm.journal().count(TraceEvent::peer_dropped) == 2);
}

TEST_CASE("a peer that has come back stays on the list, although its former process says only now that it leaves") {
  Options options;
  options.tracker_silence = 0s;  // nobody enrols again by itself
  SwarmWorld swarm(options, {.peers = 3});
  swarm.start_all();
  swarm.run_for(1s);
  sim::PathConditions path;
  path.latency = sim::LatencyModel::constant(300ms);
  swarm.world().network().set_default(path);
  swarm.world().leave(swarm.peer(1));
  path.latency = sim::LatencyModel::constant(10ms);
  swarm.world().network().set_default(path);
  swarm.run_for(100ms);
  swarm.world().start(swarm.peer(1));
  swarm.run_for(1s);
  CHECK(swarm.journal().count(TraceEvent::peer_dropped) == 1);
  CHECK(lists_are_right(swarm, 3));
}

TEST_CASE("a change costs each peer a few bytes, not the whole list") {
  SwarmWorld swarm({}, {.peers = 300});
  swarm.start_all();
  swarm.run_for(3s);
  REQUIRE(lists_are_right(swarm, 300));
  const std::uint64_t before = list_bytes(swarm);
  swarm.world().leave(swarm.peer(7));
  swarm.run_for(3s);
  CHECK(lists_are_right(swarm, 300));
  CHECK(list_bytes(swarm) - before <= 299 * 64);
}

TEST_CASE("lists come right in spite of lost, late and repeated datagrams") {
  SwarmWorld swarm({}, {.peers = 30});
  set_loss(swarm, 0.1);
  swarm.start_all();
  swarm.run_for(2s);
  for (const std::size_t i : {3, 9, 27}) swarm.world().leave(swarm.peer(i));
  set_loss(swarm, 0.3);  // many miss the change
  swarm.run_for(1s);
  set_loss(swarm, 0);
  swarm.run_for(8s);
  CHECK(lists_are_right(swarm, 30));
}

TEST_CASE("a list of many pages reaches a newcomer whole, although it changes and pages are lost meanwhile") {
  SwarmWorld swarm({}, {.peers = 900});
  for (NodeIndex node = 0; node < swarm.world().size(); ++node)
    if (node != swarm.peer(899)) swarm.world().start(node);
  swarm.run_for(5s);
  set_loss(swarm, 0.05);
  swarm.world().start(swarm.peer(899));
  for (std::size_t i = 0; i < 40; ++i) {
    swarm.world().leave(swarm.peer(20 * i));
    swarm.run_for(10ms);
  }
  set_loss(swarm, 0);
  swarm.run_for(8s);
  CHECK(lists_are_right(swarm, 900));
}

TEST_CASE("a peer that missed more changes than the tracker remembers gets the whole list") {
  Options options;
  options.remembered_changes = 4;
  SwarmWorld swarm(options, {.peers = 20});
  swarm.start_all();
  swarm.run_for(2s);
  const NodeIndex tracker = swarm.tracker();
  const NodeIndex deaf = swarm.peer(0);
  swarm.world().network().partition("cut", sim::NodeSet(std::span(&tracker, 1)), sim::NodeSet(std::span(&deaf, 1)),
                                    true);
  for (std::size_t i = 1; i < 8; ++i) swarm.world().leave(swarm.peer(i));
  swarm.run_for(1s);
  swarm.world().network().heal_all();
  swarm.run_for(3s);
  CHECK(lists_are_right(swarm, 20));
}

TEST_CASE("a tracker that crashes and comes back knows all peers again within a heartbeat") {
  SwarmWorld swarm({}, {.peers = 50});
  swarm.start_all();
  swarm.run_for(3s);
  swarm.world().crash(swarm.tracker(), Disk::wipe);
  swarm.run_for(10s);
  swarm.world().start(swarm.tracker());
  CHECK(swarm.tracker_node().peers() == 0);
  swarm.run_for(1s);
  CHECK(swarm.tracker_node().peers() == 50);
  swarm.run_for(1s);
  CHECK(lists_are_right(swarm, 50));
}

TEST_CASE("a tracker that restarts at once is noticed too") {
  SwarmWorld swarm({}, {.peers = 20});
  swarm.start_all();
  swarm.run_for(3s);
  swarm.world().crash(swarm.tracker(), Disk::wipe);
  swarm.world().start(swarm.tracker());
  swarm.run_for(4s);
  CHECK(swarm.tracker_node().peers() == 20);
  CHECK(lists_are_right(swarm, 20));
}

TEST_CASE("peers list the union of what two trackers list, and one of them may die") {
  SwarmWorld swarm({}, {.trackers = 2, .peers = 12});
  swarm.start_all();
  swarm.run_for(2s);
  CHECK(lists_are_right(swarm, 12));
  swarm.world().crash(swarm.tracker(0), Disk::wipe);
  swarm.run_for(5s);
  CHECK(lists_are_right(swarm, 12));
  // Nobody takes the dead tracker's word for it that a peer lives.
  swarm.world().leave(swarm.peer(4));
  swarm.world().start(swarm.tracker(0));
  swarm.run_for(4s);
  CHECK(lists_are_right(swarm, 12));
}

TEST_CASE("of two trackers one dies for good: downloads go on and newcomers find the swarm") {
  SwarmWorld swarm({}, {.trackers = 2, .peers = 6});
  for (const std::size_t tracker : {0U, 1U}) swarm.world().start(swarm.tracker(tracker));
  for (std::size_t i = 0; i < 5; ++i) swarm.world().start(swarm.peer(i));
  for (std::size_t i = 0; i < 5; ++i) swarm.set_upload(i, 10'000'000);
  swarm.give(0, "file", 32 << 20);
  swarm.run_for(2s);
  for (std::size_t i = 1; i < 5; ++i) swarm.command(i, "DOWN file");
  swarm.run_for(1s);
  swarm.world().crash(swarm.tracker(GENERATE(0U, 1U)), Disk::wipe);
  swarm.run_for(5s);
  swarm.world().start(swarm.peer(5));
  swarm.command(5, "DOWN file");
  const auto all_done = [&] {
    for (std::size_t i = 1; i < 6; ++i)
      if (!swarm.is_complete(i, "file")) return false;
    return true;
  };
  CHECK(swarm.run_until(all_done, 20s));
  CHECK(lists_are_right(swarm, 6));
  CHECK(swarm.journal().count(TraceEvent::source_lost) == 0);
}

TEST_CASE("a tracker lists no more peers than it may, and a peer keeps a sample of its own of a long list") {
  Options options;
  options.maximum_peers = 40;
  options.maximum_listed = 10;
  SwarmWorld swarm(options, {.peers = 60});
  swarm.start_all();
  swarm.run_for(3s);
  CHECK(swarm.tracker_node().peers() == 40);
  std::size_t alike = 0;
  for (std::size_t i = 0; i < 40; ++i) {
    const PeerList& list = swarm.peer_node(i).list();
    CHECK(list.size() == 10);
    alike += list.contains(sim::address_of(swarm.peer(45 % 40))) ? 1 : 0;
  }
  CHECK(alike < 30);
}

TEST_CASE("of a long list a peer is told of some who come, and of all who leave") {
  const bool lossy = GENERATE(false, true);
  Options options;
  options.maximum_listed = 10;
  SwarmWorld swarm(options, {.peers = 400});
  if (lossy) set_loss(swarm, 0.2);
  swarm.start_all();
  swarm.run_for(5s);
  set_loss(swarm, 0);
  swarm.run_for(5s);
  REQUIRE(swarm.tracker_node().peers() == 400);
  for (std::size_t i = 0; i < 400; ++i) CHECK(swarm.peer_node(i).list().size() == 10);
  // The whole list would have taken more, once to each; and its changes as much again.
  if (!lossy) CHECK(list_bytes(swarm) < 400 * 400 * 7);
  if (lossy) set_loss(swarm, 0.2);
  for (std::size_t i = 100; i < 400; ++i) {
    if (i % 2 == 0)
      swarm.world().leave(swarm.peer(i));
    else
      swarm.world().crash(swarm.peer(i), Disk::wipe);
    if (i % 20 == 0) swarm.run_for(30ms);
  }
  set_loss(swarm, 0);
  swarm.run_for(8s);
  REQUIRE(swarm.tracker_node().peers() == 100);
  for (std::size_t i = 0; i < 100; ++i) {
    const PeerList& list = swarm.peer_node(i).list();
    for (std::size_t k = 0; k < list.size(); ++k) CHECK(swarm.tracker_node().lists(list[k]));
  }
  for (std::size_t i = 100; i < 400; ++i) swarm.world().start(swarm.peer(i));
  swarm.run_for(8s);
  REQUIRE(swarm.tracker_node().peers() == 400);
  for (std::size_t i = 0; i < 400; ++i) CHECK(swarm.peer_node(i).list().size() == 10);
}

TEST_CASE("a push that takes several steps reaches everybody") {
  SwarmWorld swarm({}, {.peers = 1800});
  swarm.start_all();
  swarm.run_for(500ms);
  CHECK(lists_are_right(swarm, 1800));
}

TEST_CASE("round trips of half a second drop nobody, but in classic mode a tenth is too long") {
  const bool classic = GENERATE(false, true);
  SwarmWorld swarm(classic ? Options::classic() : Options{}, {.peers = 10, .latency = classic ? 60ms : 450ms});
  swarm.start_all();
  swarm.run_for(10s);
  CHECK(swarm.journal().count(TraceEvent::peer_listed) == 10);
  CHECK(swarm.journal().count(TraceEvent::peer_dropped) == (classic ? 10 : 0));
}

TEST_CASE("classic mode finds the dead within the tenths of a second that it promises") {
  SwarmWorld swarm(Options::classic(), {.peers = 10, .latency = 5ms});
  swarm.start_all();
  swarm.run_for(2s);
  REQUIRE(swarm.tracker_node().peers() == 10);
  swarm.world().crash(swarm.peer(2), Disk::keep);
  const Time died = swarm.world().now();
  REQUIRE(swarm.run_until([&] { return swarm.tracker_node().peers() == 9; }, 1s));
  CHECK(swarm.world().now() - died <= 211ms);
  swarm.run_for(111ms);
  CHECK(lists_are_right(swarm, 10));
}

TEST_CASE("who is not listed gets nothing of the list, and nonsense is counted") {
  SwarmWorld swarm({}, {.trackers = 1, .peers = 3});
  swarm.world().start(swarm.tracker());
  Tracker tracker(std::make_shared<const Options>());
  Effects effects;
  DrawCounts draws{};
  Environment environment(time_zero, sim::address_of(0), 1, draws, effects);
  tracker.on_start(environment, {});
  std::array<std::byte, maximum_datagram_size> buffer{};
  Writer writer(buffer);
  ListQuery{}.encode(writer);
  tracker.on_datagram(environment, sim::address_of(9), writer.written());
  CHECK(effects.all().empty());
  tracker.on_datagram(environment, sim::address_of(9), Bytes(buffer).first(7));
  REQUIRE(effects.all().size() == 1);
  CHECK(effects.all()[0].kind == EffectKind::trace);
  CHECK(effects.all()[0].number == index_of(TraceEvent::datagram_refused));
}

TEST_CASE("a tracker introduces those that it lists to each other, one datagram for one, and nobody else") {
  const auto options = std::make_shared<Options>();
  Tracker tracker(options);
  const Address asker = sim::address_of(1);
  const Address told = sim::address_of(2);
  const auto answers = [&](Address from, const auto& message) {
    Effects effects;
    DrawCounts draws{};
    Environment environment(time_zero + 1s, sim::address_of(0), 1, draws, effects);
    tracker.on_datagram(environment, from, encoded(message));
    std::vector<std::pair<Address, Introduced>> sent;
    for (const Effect& effect : effects.all())
      if (effect.kind == EffectKind::send_datagram)
        if (const auto decoded = decode(effects.bytes_of(effect)))
          if (const auto* introduced = std::get_if<Introduced>(&*decoded))
            sent.emplace_back(Address{effect.argument}, *introduced);
    return sent;
  };
  const Root root{};
  answers(asker, Enrol{});
  CHECK(answers(asker, Introduce{told, root}).empty());
  CHECK(answers(told, Introduce{asker, root}).empty());
  answers(told, Enrol{});
  CHECK(answers(asker, Introduce{asker, root}).empty());
  const auto sent = answers(asker, Introduce{told, root});
  REQUIRE(sent.size() == 1);
  CHECK(sent[0] == std::pair(told, Introduced{asker, told, root}));
  const auto seen = answers(sim::address_of(3), Introduce{});
  REQUIRE(seen.size() == 1);
  CHECK(seen[0] == std::pair(sim::address_of(3), Introduced{{}, sim::address_of(3), root}));
}
