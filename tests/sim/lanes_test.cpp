// A world on several threads does what it does on one: the same digests, counters and trace, in the same order.

#include <algorithm>
#include <array>
#include <atomic>
#include <functional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "sim/core/out_of_room.h"
#include "sim/engine/world.h"
#include "tests/catch.h"
#include "tests/sim/chatter.h"
#include "tests/sim/record.h"
#include "tests/sim/streamer.h"

namespace peerbed::sim::testing {
namespace {

using namespace std::chrono_literals;

// Sends, forwards, traces, prints and stores at random, and sets its timers in every way. Timer 2 goes on forever.
struct Gossip {
  static constexpr std::size_t timer_count = 3;
  static constexpr std::array<TraceEventType, 2> trace_events{
      {{"heard", {{{"bytes", Unit::bytes}}}}, {"woke", {{{"timer", Unit::count}}}}}};
  static constexpr std::array<std::string_view, 1> message_kinds{"text"};

  void on_start(Environment& environment, Start start) {
    count = start.stored.size();
    environment.set_timer(2, period);
    environment.set_timer(0, 0ms);
  }
  void on_datagram(Environment& environment, Address from, Bytes payload) {
    sleep();
    environment.trace(0, {payload.size(), from.value, count});
    count += payload.empty() ? 1 : static_cast<std::uint64_t>(payload[0]) + payload.size();
    switch (environment.draw_below(0, 8)) {
      case 0:
        return environment.send(from, payload.first(payload.size() / 2));
      case 1:
        return send(environment);
      case 2:
        return environment.set_timer(0, 0ms);
      case 3:
        return environment.set_timer(1, 3ms);
      case 4:
        return environment.cancel_timer(1);
      case 5:
        return environment.write_content(ContentKey{count % 4}, payload);
      case 6:
        return environment.read_content(ContentKey{count % 4});
      default:
        return environment.print("heard " + std::to_string(payload.size()));
    }
  }
  void on_timer(Environment& environment, TimerId timer) {
    sleep();
    if (mood == Mood::failing) throw std::runtime_error("out of patience");
    if (mood == Mood::standing_still) return environment.set_timer(timer, 0ms);
    environment.trace(1, {timer, count});
    if (timer == 2)
      environment.set_timer(2, period + Duration(static_cast<std::int64_t>(environment.draw_below(1, 999))));
    for (std::uint64_t i = environment.draw_below(0, 3); i > 0; --i) send(environment);
    if (environment.draw_below(2, 50) == 0) environment.refuse("tired", "not now");
    if (environment.draw_below(2, 300) == 0) environment.exit();
  }
  void on_command(Environment& environment, std::string_view line) {
    if (line == "fail" || line == "stand still") mood = line == "fail" ? Mood::failing : Mood::standing_still;
    send(environment);
  }
  void on_content(Environment& environment, const ContentReady& ready) {
    environment.trace(0, {ready.bytes.size(), ready.found ? 1u : 0u});
  }
  void on_leave(Environment& environment) {
    send(environment);
    environment.exit();
  }
  void send(Environment& environment) {
    std::array<std::byte, 200> bytes;
    bytes.fill(static_cast<std::byte>(count));
    environment.send(address_of(static_cast<NodeIndex>(environment.draw_below(3, nodes + 1))),  // one does not exist
                     std::span(bytes).first(environment.draw_below(4, bytes.size())));
  }
  // Delays the thread at random, if a test asks for it.
  static void sleep() {
    if (sleeps && mix(naps.fetch_add(1, std::memory_order_relaxed)) % 64 == 0)
      std::this_thread::sleep_for(std::chrono::microseconds(mix(naps) % 200));
  }
  auto fields() const { return std::tie(mood, count, period, nodes); }

  static inline bool sleeps = false;
  static inline std::atomic<std::uint64_t> naps{0};

  enum class Mood : std::uint8_t { usual, failing, standing_still };
  Mood mood = Mood::usual;
  std::uint64_t count = 0;
  Duration period{10ms};
  std::uint64_t nodes = 1;
};

struct Deed {
  Duration at;
  std::function<void(World&)> act;
};

// A random world: its hosts, its network, and what is done to it, in order of time.
class Story {
 public:
  static constexpr Duration length = 300ms;

  explicit Story(std::uint64_t seed) : draws_(key_of(seed, 77)), seed_(seed) {
    hosts_ = 2 + draws_.below(30);
    for (std::uint64_t i = draws_.below(60); i > 0; --i)
      deeds_.push_back({Duration(static_cast<std::int64_t>(draws_.below(static_cast<std::uint64_t>(length.count())))),
                        random_deed()});
    std::stable_sort(deeds_.begin(), deeds_.end(), [](const Deed& a, const Deed& b) { return a.at < b.at; });
    first_path_ = random_path();
    limits_links_ = draws_.below(3) == 0;
  }

  World begin(std::size_t threads, std::uint64_t events_worth_waking = 0) const {
    const EventQueueKind kinds[] = {EventQueueKind::wheel, EventQueueKind::heap, EventQueueKind::short_queue};
    World world({.seed = seed_,
                 .queue = kinds[seed_ % 3],
                 .receive_buffer = 1000,
                 .threads = threads,
                 .events_worth_waking = events_worth_waking});
    KeyedStream draws(key_of(seed_, 78));
    for (std::size_t entered = 0; entered < hosts_;) {
      const std::size_t count = std::min<std::size_t>(1 + draws.below(hosts_), hosts_ - entered);
      world.add_population<Gossip>(count, [nodes = hosts_, seed = seed_](NodeIndex node) {
        return Gossip{.period = 1ms * (1 + key_of(seed, node) % 20), .nodes = nodes};
      });
      entered += count;
    }
    for (NodeIndex node = 0; node < hosts_; ++node) world.network().set_site(node, node % sites);
    world.network().set_default(first_path_);
    for (NodeIndex node = 0; limits_links_ && node < hosts_; node += 3) {
      world.network().set_uplink(node, {{1'000'000}, 1000});
      world.network().set_downlink((node + 1) % static_cast<NodeIndex>(hosts_), {{500'000}, 800});
    }
    for (NodeIndex node = 0; node < hosts_; ++node)
      if (node % 5 != 4) world.start(node);
    return world;
  }

  // Lets the story happen from the world's present on, until `end`: all at once, or `limit` events after the other.
  void go_on(World& world, Duration end, std::uint64_t limit = 0) const {
    const Duration begun = world.now() - time_zero;
    const auto run_until = [&](Time time) {
      if (limit == 0) return world.run_until(time);
      while (!world.run_until(time, limit)) continue;
    };
    for (const Deed& deed : deeds_) {
      if (deed.at < begun || deed.at >= end) continue;
      run_until(at(deed.at));
      deed.act(world);
    }
    run_until(at(end));
  }

 private:
  static constexpr SiteIndex sites = 5;

  PathConditions random_path() {
    PathConditions path;
    const auto microseconds = [this](std::uint64_t limit) {
      return Duration(static_cast<std::int64_t>(1000 * (2 + draws_.below(limit))));
    };
    switch (draws_.below(5)) {
      case 0:
        path.latency = LatencyModel::constant(microseconds(20'000));
        break;
      case 1:
        path.latency = LatencyModel::uniform(microseconds(100), 10ms);
        break;
      case 2:
        path.latency = LatencyModel::exponential(microseconds(1000), 5ms);
        break;
      case 3: {
        auto delays = std::make_shared<DelayMatrix>(sites);
        for (SiteIndex from = 0; from < sites; ++from)
          for (SiteIndex to = 0; to < sites; ++to) delays->set(from, to, microseconds(30'000));
        path.latency = LatencyModel::matrix(delays);
        break;
      }
      default:
        path.latency = LatencyModel::constant(microseconds(5000)).with_jitter(Distribution::exponential(1e6));
    }
    if (draws_.below(2) == 0) path.loss = LossModel::independent(0.1);
    if (draws_.below(2) == 0) path.duplicate = 0.2;
    if (draws_.below(2) == 0) path.reorder = 0.2, path.reorder_delay = 2ms;
    if (draws_.below(2) == 0) path.corrupt = 0.2;
    return path;
  }

  std::function<void(World&)> random_deed() {
    const auto node = static_cast<NodeIndex>(draws_.below(hosts_));
    const auto other = static_cast<NodeIndex>(draws_.below(hosts_));
    switch (draws_.below(13)) {
      case 0:
        return [node](World& world) { world.crash(node, Disk::keep); };
      case 1:
        return [node](World& world) { world.crash(node, Disk::wipe); };
      case 2:
      case 3:
        return [node](World& world) { world.start(node); };
      case 4:
        return [node](World& world) { world.pause(node); };
      case 5:
        return [node](World& world) { world.resume(node); };
      case 6:
        return [node](World& world) { world.set_clock(node, 5ms, -100'000'000); };
      case 7:
        return [node](World& world) { world.set_lying(node, 0.5); };
      case 8:
        return [node](World& world) { world.command(node, "go"); };
      case 9:
        return [node](World& world) { world.leave(node); };
      case 10:
        return [node, other](World& world) {
          const std::array from{node};
          const std::array to{other};
          if (!world.network().heal("cut")) world.network().partition("cut", NodeSet(from), NodeSet(to), false);
          world.network().clog(NodeSet(from), NodeSet(to), world.now() + 9ms);
        };
      case 11:
        return
            [node, other, path = random_path()](World& world) { world.network().set_between_hosts(node, other, path); };
      default:
        return [path = random_path()](World& world) { world.network().set_default(path); };
    }
  }

  KeyedStream draws_;
  std::uint64_t seed_;
  std::size_t hosts_ = 0;
  std::vector<Deed> deeds_;
  PathConditions first_path_;
  bool limits_links_ = false;
};

struct Outcome {
  explicit Outcome(const World& world)
      : digest(world.digest()), state(world.state_digest()), counters(world.counters()) {
    for (NodeIndex node = 0; node < world.size(); ++node) sent.push_back(world.sent_by_kind(node)[0]);
    std::size_t pending = 0;
    world.for_each_under_way([&](const Event&, Bytes) { ++pending; });
    under_way = pending;
  }
  std::uint64_t digest;
  std::uint64_t state;
  WorldCounters counters;
  std::vector<TrafficCount> sent;
  std::size_t under_way = 0;
  friend bool operator==(const Outcome&, const Outcome&) = default;
};

void check_story(std::uint64_t seed, std::initializer_list<std::size_t> threads, std::uint64_t events_worth_waking) {
  INFO("seed " << seed);
  const Story story(seed);
  World one = story.begin(1);
  Record heard_by_one;
  one.observe(&heard_by_one);
  one.network().observe_links(&heard_by_one);
  story.go_on(one, Story::length);
  const Outcome expected(one);
  for (const std::size_t count : threads) {
    INFO(count << " threads");
    World several = story.begin(count, events_worth_waking);
    Record heard;
    several.observe(&heard);
    several.network().observe_links(&heard);
    story.go_on(several, Story::length / 2);
    World copy = several;
    story.go_on(several, Story::length);
    CHECK(Outcome(several) == expected);
    CHECK(heard.all == heard_by_one.all);
    story.go_on(copy, Story::length);
    CHECK(Outcome(copy) == expected);
  }
}

std::string why(World&& world) { return world.why_on_one_thread(); }

}  // namespace

TEST_CASE("random worlds do the same on any number of threads") {
  std::uint64_t steps = 0;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    check_story(seed, {2, 3, 4, 7}, 0);
    const Story story(seed);
    World world = story.begin(1);
    story.go_on(world, Story::length);
    steps += world.counters().events;
  }
  CHECK(steps > 20'000);  // they are no empty worlds
}

TEST_CASE("lanes that one thread handles do the same as those that several handle") {
  for (std::uint64_t seed = 100; seed < 300; ++seed) check_story(seed, {2, 5}, UINT64_MAX);
}

TEST_CASE("threads that are delayed at random change nothing") {
  Gossip::sleeps = true;
  for (std::uint64_t seed = 300; seed < 304; ++seed) check_story(seed, {2, 4}, 0);
  Gossip::sleeps = false;
}

TEST_CASE("stopping after some events on one thread and going on with several changes nothing") {
  const Story story(7);
  World whole = story.begin(1);
  story.go_on(whole, Story::length);
  World parts = story.begin(3);
  story.go_on(parts, 100ms);
  REQUIRE(parts.why_on_one_thread().empty());
  story.go_on(parts, 200ms, 50);
  story.go_on(parts, Story::length);
  CHECK(Outcome(parts) == Outcome(whole));
}

TEST_CASE("if a node throws, the observer has heard what it hears on one thread, and no more") {
  const auto run = [](std::size_t threads, Record& heard) {
    World world = Story(5).begin(threads);
    world.network().set_default({.latency = LatencyModel::constant(20ms)});
    world.observe(&heard);
    world.run_until(at(90ms));
    for (NodeIndex node = 0; node < world.size(); ++node) world.command(node, node % 2 == 0 ? "fail" : "go");
    try {
      world.run_until(at(Story::length));
    } catch (const NodeFailure& failure) {
      return "node " + std::to_string(failure.step().destination) + ": " + failure.what() + " at " +
             std::to_string(nanoseconds_since_start(world.now()));
    }
    return std::string("nothing");
  };
  Record on_one;
  Record on_three;
  const std::string failure = run(1, on_one);
  CHECK(failure != "nothing");
  CHECK(run(3, on_three) == failure);
  CHECK(on_one.all == on_three.all);
}

TEST_CASE("a node that lets no time pass ends a run on several threads") {
  World world = Story(5).begin(2);
  world.command(0, "stand still");
  CHECK_THROWS_AS(world.run_until(at(Story::length)), OutOfRoom);
}

TEST_CASE("what an observer throws arrives at the caller") {
  struct Thrower : Observer {
    void on_trace(Time, NodeIndex, std::uint16_t, const TraceValues&) override { throw std::runtime_error("full"); }
  };
  Thrower thrower;
  World world = Story(5).begin(3);
  world.observe(&thrower);
  CHECK_THROWS_AS(world.run_until(at(Story::length)), std::runtime_error);
}

TEST_CASE("an observer of reports is told no steps, on any number of threads") {
  Record all[2];
  for (const std::size_t threads : {1, 3}) {
    World world = Story(9).begin(threads);
    Record& record = all[threads == 1 ? 0 : 1];
    world.observe(&record, Shown::reports);
    world.run_until(at(100ms));
    CHECK(std::none_of(record.all.begin(), record.all.end(), [](const std::string& line) {
      return line.find(" step ") != std::string::npos || line.find(" put off ") != std::string::npos;
    }));
  }
  CHECK(all[0].all == all[1].all);
  CHECK(all[0].all.size() > 100);
}

TEST_CASE("a world says why it stays on one thread") {
  const WorldOptions two{.threads = 2};
  CHECK(why(chatter_world(2, 5ms, two)).empty());
  CHECK(why(chatter_world(2, 5ms)) == "no more were asked for");
  CHECK(why(chatter_world(1, 5ms, two)) == "there is one host");
  CHECK(why(chatter_world(2, 20ns, two)) == "a message may take only 20 ns from one host to another");
  CHECK(why(streamer_world(2, 5ms, two)).empty());
  World world = chatter_world(2, 5ms, two);
  world.network().add_deed({.source = 0, .destination = 1, .kind = std::nullopt});
  CHECK(world.why_on_one_thread() == "single messages are to be lost, doubled or delayed");
  world.command(0, "send 1 hello");
  world.run_until(at(1s));
  CHECK(world.why_on_one_thread().empty());  // it has happened
  world.network().set_default({.latency = LatencyModel::constant(1ns)});
  CHECK_FALSE(world.why_on_one_thread().empty());
}

}  // namespace peerbed::sim::testing
