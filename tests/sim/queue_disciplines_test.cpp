// RED, CoDel and FQ-CoDel against their papers, and what they do to streams and datagrams.

#include <cmath>

#include "sim/engine/world.h"
#include "sim/queues/managed_queue.h"
#include "tests/catch.h"
#include "tests/sim/streamer.h"

namespace peerbed::sim::testing {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t megabit = 1'000'000;

QueuedPacket packet_of(std::uint64_t flow, std::uint32_t size, bool is_markable = false) {
  QueuedPacket packet;
  packet.flow = flow;
  packet.size = size;
  packet.is_markable = is_markable;
  return packet;
}

double milliseconds(Duration duration) { return static_cast<double>(duration.count()) * 1e-6; }

// A queue that a packet joins and one leaves each millisecond, behind a hundred others. Returns when it dropped or
// marked one, in ms since packets began to wait too long.
std::vector<double> codel_acts(const QueueDiscipline& options, bool is_markable, int length) {
  ManagedQueue queue(options, 1 << 30, 1);
  std::vector<QueuedPacket> dropped;
  for (int i = 0; i < 100; ++i) queue.put(packet_of(1, 1000, is_markable), time_zero, 1ms, dropped);
  std::vector<double> acts;
  std::optional<Time> began;
  for (Time now = time_zero; now < time_zero + std::chrono::milliseconds(length); now += 1ms) {
    while (queue.bytes() < 100'000) queue.put(packet_of(1, 1000, is_markable), now, 1ms, dropped);
    const auto packet = queue.take(now, dropped);
    REQUIRE(packet);
    if (!began && now - packet->queued >= options.target) began = now;
    for (std::size_t i = 0; i < dropped.size() + (packet->is_marked ? 1 : 0); ++i)
      acts.push_back(milliseconds(now - *began));
    dropped.clear();
  }
  return acts;
}

// A host whose up-link has 10 Mbit/s, with a queue of a second, and this discipline, sends to two others: to the first
// as much as it can, to the second small messages.
class Uplink {
 public:
  explicit Uplink(const QueueDiscipline& discipline, const StreamOptions& streams = {})
      : world_(streamer_world(3, 20ms, WorldOptions{.streams = streams})) {
    LinkLimit limit{{10 * megabit}, 1'250'000};
    if (discipline.kind != Discipline::drop_tail)
      limit.traits = std::make_shared<const LinkTraits>(LinkTraits{.discipline = discipline});
    world_.network().set_uplink(0, limit);
    give_file(world_, 0, 400'000'000);
    world_.run_until(at(1s));
    world_.command(1, "fetch 1 0 65536 100000");
    world_.command(0, "open 5 2");
    world_.run_until(at(2s));
    REQUIRE(streamer(world_, 2).told.size() == 1);
    name_ = std::to_string(streamer(world_, 2).told.front().stream);
  }

  // Sends small messages from `from` to `until`, one after the other, and measures.
  void run(Duration from, Duration until) {
    world_.run_until(at(from));
    const auto fetched = [&] { return static_cast<double>(streamer(world_, 1).fetches.at(1).done) * 65'536; };
    const double before = fetched();
    while (world_.now() < at(until)) {
      const Time sent = world_.now();
      const std::size_t told = streamer(world_, 2).told.size();
      world_.command(2, "ask " + name_ + " 20");
      world_.command(0, "write 5 a small message here");
      while (streamer(world_, 2).told.size() == told && world_.now() < sent + 3s) world_.run_until(world_.now() + 1ms);
      const bool is_lost = streamer(world_, 2).told.size() == told;
      waits.push_back(is_lost ? 3s : streamer(world_, 2).told.back().at - sent - 20ms);
      world_.run_until(world_.now() + 100ms);
    }
    const double seconds = static_cast<double>((world_.now() - at(from)).count()) * 1e-9;
    share = (fetched() - before) * 8 / (10e6 * 1460 / 1500) / seconds;
  }
  Duration median_wait() {
    std::nth_element(waits.begin(), waits.begin() + static_cast<std::ptrdiff_t>(waits.size() / 2), waits.end());
    return waits[waits.size() / 2];
  }

  World& world() { return world_; }
  std::vector<Duration> waits;  // of the small messages, at the up-link
  double share = 0;             // of the link's payload capacity that the large transfer got

 private:
  World world_;
  std::string name_;  // of the second stream at its receiver
};

}  // namespace

TEST_CASE("CoDel drops after an interval above the target, and then at intervals by the control law") {
  // RFC 8289: interval / sqrt(count) after one another.
  const QueueDiscipline options{.kind = Discipline::codel};
  std::vector<double> expected{100};
  for (int count = 1; count < 12; ++count) expected.push_back(expected.back() + 100 / std::sqrt(count));
  for (const bool marks : {false, true}) {
    QueueDiscipline chosen = options;
    chosen.ecn = marks;
    const std::vector<double> acts = codel_acts(chosen, marks, 900);
    REQUIRE(acts.size() >= 10);
    for (std::size_t i = 0; i < 10; ++i) {
      CAPTURE(i, acts[i], expected[i], marks);
      CHECK(acts[i] >= expected[i] - 1e-6);
      CHECK(acts[i] <= expected[i] + 1.001);  // packets leave each millisecond
    }
  }
  CHECK(codel_acts({.kind = Discipline::codel, .target = 150ms}, false, 900).empty());
}

TEST_CASE("CoDel lets a queue of one packet and a short burst pass") {
  ManagedQueue queue({.kind = Discipline::codel}, 1 << 20, 1);
  std::vector<QueuedPacket> dropped;
  for (Time now = time_zero; now < time_zero + 10s; now += 200ms) {  // a packet waits 200 ms, but alone
    queue.put(packet_of(1, 1500), now, 1ms, dropped);
    queue.put(packet_of(1, 1500), now, 1ms, dropped);
    CHECK(queue.take(now + 100ms, dropped));
    CHECK(queue.take(now + 200ms, dropped));
  }
  CHECK(dropped.empty());
}

TEST_CASE("RED's gaps between drops are uniform, as the paper derives") {
  // With a mean halfway between the thresholds, p_b is half of max_p: 1/20. Counted from the first packet after a drop,
  // the gap is then uniform from 1 to 19.
  const QueueDiscipline options{
      .kind = Discipline::red, .minimum = 10'000, .maximum = 30'000, .probability = 0.1, .weight = 1};
  Red red(7);
  std::vector<std::uint64_t> gaps(21);
  std::uint64_t gap = 0;
  std::uint64_t drops = 0;
  while (drops < 40'000) {
    ++gap;
    if (!red.notifies(20'000, time_zero, 1ms, options)) continue;
    if (++drops > 1) ++gaps.at(gap);
    gap = 0;
  }
  for (std::size_t i = 1; i < 20; ++i) {
    CAPTURE(i, gaps[i]);
    CHECK(static_cast<double>(gaps[i]) == Approx(40'000 / 19.0).epsilon(0.1));  // 4.6 standard deviations
  }
  CHECK(gaps[20] == 0);
}

TEST_CASE("RED's mean follows the queue with its weight, and decays while the queue is empty") {
  const QueueDiscipline options{.kind = Discipline::red, .minimum = 1'000'000, .maximum = 2'000'000, .weight = 0.002};
  Red red(1);
  for (int i = 1; i <= 1000; ++i) {
    CHECK_FALSE(red.notifies(50'000, time_zero, 1ms, options));
    CHECK(red.mean() == Approx(50'000 * (1 - std::pow(0.998, i))));
  }
  const double before = red.mean();
  red.emptied(time_zero + 1s);
  CHECK_FALSE(red.notifies(0, time_zero + 1500ms, 1ms, options));
  CHECK(red.mean() == Approx(before * std::pow(0.998, 500)));
}

TEST_CASE("FQ-CoDel shares a link by bytes, and serves a new flow before old ones") {
  ManagedQueue queue({.kind = Discipline::fq_codel}, 1 << 30, 1);
  std::vector<QueuedPacket> dropped;
  for (int i = 0; i < 15'140; ++i) queue.put(packet_of(1, 100), time_zero, 1ms, dropped);
  for (int i = 0; i < 1'000; ++i) queue.put(packet_of(2, 1514), time_zero, 1ms, dropped);
  double small = 0;
  double large = 0;
  for (int i = 0; i < 2'000; ++i) {
    const auto packet = queue.take(time_zero, dropped);
    (packet->flow == 1 ? small : large) += packet->size;
  }
  CHECK(small == Approx(large).epsilon(0.05));
  queue.put(packet_of(3, 1514), time_zero, 1ms, dropped);
  CHECK(queue.take(time_zero, dropped)->flow == 3);
  CHECK(dropped.empty());
}

TEST_CASE("a full FQ-CoDel queue drops from the flow that fills it") {
  ManagedQueue queue({.kind = Discipline::fq_codel}, 100'000, 1);
  std::vector<QueuedPacket> dropped;
  for (int i = 0; i < 10; ++i) queue.put(packet_of(1, 1000), time_zero, 1ms, dropped);
  for (int i = 0; i < 1000; ++i) queue.put(packet_of(2, 1000), time_zero, 1ms, dropped);
  CHECK(queue.bytes() <= 100'000);
  CHECK(dropped.size() >= 910);
  for (const QueuedPacket& packet : dropped) CHECK(packet.flow == 2);
}

TEST_CASE("a discipline keeps the wait short where a drop-tail queue fills up, and the link busy") {
  const auto measured = [](Discipline kind) {
    Uplink uplink({.kind = kind});
    uplink.run(20s, 60s);
    return std::pair(uplink.median_wait(), uplink.share);
  };
  const auto [tail_wait, tail_share] = measured(Discipline::drop_tail);
  CHECK(tail_wait >= 300ms);
  CHECK(tail_share >= 0.95);
  const auto [codel_wait, codel_share] = measured(Discipline::codel);
  CAPTURE(milliseconds(codel_wait), codel_share);
  CHECK(codel_wait <= 20ms);
  CHECK(codel_share >= 0.9);
  const auto [fair_wait, fair_share] = measured(Discipline::fq_codel);
  CAPTURE(milliseconds(fair_wait), fair_share);
  CHECK(fair_wait <= 2500us);  // a packet of 1500 bytes that is being sent, and the message itself
  CHECK(fair_share >= 0.9);
  const auto [red_wait, red_share] = measured(Discipline::red);
  CAPTURE(milliseconds(red_wait), red_share);
  CHECK(red_wait <= 300ms);  // the queue that is a quarter of the whole takes 250 ms
  CHECK(red_share >= 0.8);
}

TEST_CASE("with ECN, CoDel marks packets instead of dropping them, and streams slow down as for losses") {
  Uplink uplink({.kind = Discipline::codel, .ecn = true}, StreamOptions{.ecn = true});
  uplink.run(20s, 60s);
  const StreamCounters& counters = uplink.world().stream_counters();
  CAPTURE(counters.packets_marked, counters.packets_overflowed, counters.packets_again, uplink.share,
          milliseconds(uplink.median_wait()));
  CHECK(counters.packets_marked > 20);
  CHECK(counters.packets_overflowed == 0);
  CHECK(counters.packets_again == 0);
  CHECK(uplink.share >= 0.9);
  CHECK(uplink.median_wait() <= 20ms);
  Uplink deaf({.kind = Discipline::codel, .ecn = true});
  deaf.run(20s, 30s);
  CHECK(deaf.world().stream_counters().packets_marked == 0);
  CHECK(deaf.world().stream_counters().packets_overflowed > 0);
}

TEST_CASE("a copy of a world with packets in a managed queue goes on as the original does") {
  Uplink uplink({.kind = Discipline::fq_codel});
  uplink.world().run_until(at(5s));
  World copy = uplink.world();
  CHECK(copy.state_digest() == uplink.world().state_digest());
  copy.run_until(at(15s));
  uplink.world().run_until(at(15s));
  CHECK(copy.digest() == uplink.world().digest());
  CHECK(copy.state_digest() == uplink.world().state_digest());
}

TEST_CASE("a managed link with a schedule, as a down-link, carries what the schedule allows") {
  World world = streamer_world(2, 20ms, {});
  const auto schedule = std::make_shared<const RateSchedule>(
      std::vector<RateSchedule::Step>{{0s, {10 * megabit}}, {3s, {4 * megabit}}}, 6s);
  world.network().set_downlink(
      1, {schedule->mean(), 200'000, schedule,
          std::make_shared<const LinkTraits>(LinkTraits{.discipline = {.kind = Discipline::codel}})});
  give_file(world, 0, 400'000'000);
  world.run_until(at(1s));
  world.command(1, "fetch 1 0 16384 100000");
  world.run_until(at(60s));
  const double before = static_cast<double>(streamer(world, 1).fetches.at(1).done);
  world.run_until(at(120s));
  const double fetched = (static_cast<double>(streamer(world, 1).fetches.at(1).done) - before) * 16'384;
  const double capacity = 60 * 7e6 / 8 * 1460 / 1500;
  CAPTURE(fetched / capacity);
  CHECK(fetched <= capacity * 1.01);
  CHECK(fetched >= capacity * 0.75);  // the window has to grow again each time
}

TEST_CASE("a link loses the share that it says, and jitter does not reorder") {
  const double loss = 0.02;
  for (const bool is_uplink : {true, false}) {
    World world = streamer_world(2, 20ms, {});
    const LinkLimit limit{{}, 0, nullptr, std::make_shared<const LinkTraits>(LinkTraits{.loss = loss, .jitter = 5ms})};
    is_uplink ? world.network().set_uplink(0, limit) : world.network().set_downlink(1, limit);
    give_file(world, 0, 400'000'000);
    world.run_until(at(1s));
    world.command(1, "fetch 1 0 16384 100000");
    world.run_until(at(120s));
    const StreamCounters& counters = world.stream_counters();
    CAPTURE(is_uplink, counters.packets, counters.packets_lost, counters.packets_again);
    CHECK(counters.packets > 10'000);
    const double expected = loss * static_cast<double>(counters.packets);
    CHECK(std::abs(static_cast<double>(counters.packets_lost) - expected) < 6 * std::sqrt(expected));
    // Each lost packet is sent again, and few others.
    CHECK(counters.packets_again < counters.packets_lost * 11 / 10);
  }
}

}  // namespace peerbed::sim::testing
