// Streams between hosts that several threads simulate: the same digests, counters, trace and links as on one thread.

#include <algorithm>
#include <array>
#include <functional>
#include <string>
#include <vector>

#include "sim/engine/world.h"
#include "tests/catch.h"
#include "tests/sim/record.h"
#include "tests/sim/streamer.h"

namespace peerbed::sim::testing {
namespace {

using namespace std::chrono_literals;

// Opens streams, writes, sends, asks, closes and resets at random, and imports, hashes and reads what it got.
struct Talker {
  static constexpr std::size_t timer_count = 1;
  static constexpr std::array<TraceEventType, 1> trace_events{
      {{"told", {{{"kind", Unit::count}, {"stream", Unit::count}, {"size", Unit::bytes}}}}}};
  static constexpr std::array<std::string_view, 1> message_kinds{"text"};
  static constexpr std::uint64_t file_size = 400'000;

  void on_start(Environment& environment, Start) {
    opened = 1;
    live.clear();
    environment.import_content(ContentKey{1}, "file");
    environment.set_timer(0, 0ms);
  }
  void on_datagram(Environment& environment, Address, Bytes payload) { environment.trace(0, {99, 0, payload.size()}); }
  void on_timer(Environment& environment, TimerId) {
    environment.set_timer(0, period + Duration(static_cast<std::int64_t>(environment.draw_below(1, 999'999))));
    for (std::uint64_t i = environment.draw_below(0, 4); i > 0; --i) act(environment);
  }
  void on_command(Environment& environment, std::string_view) { act(environment); }
  void on_content(Environment& environment, const ContentReady& ready) {
    environment.trace(0, {50 + static_cast<std::uint64_t>(ready.action), ready.found ? 1u : 0u, ready.bytes.size(),
                          ready.bytes.empty() ? 0u : static_cast<std::uint64_t>(ready.bytes[0])});
  }
  void on_stream(Environment& environment, const StreamEvent& event) {
    environment.trace(0, {static_cast<std::uint64_t>(event.kind), event.stream.value, event.bytes.size(),
                          event.bytes.empty() ? event.range.offset : static_cast<std::uint64_t>(event.bytes[0])});
    const std::uint32_t id = event.stream.value;
    switch (event.kind) {
      case StreamEventKind::accepted:
        live.push_back({id, false});
        return converse(environment, live.back());
      case StreamEventKind::closed:
      case StreamEventKind::reset:
        std::erase_if(live, [id](const Talk& talk) { return talk.id == id; });
        return;
      case StreamEventKind::half_closed:
        for (Talk& talk : live)
          if (talk.id == id) talk.heard_end = true;
        break;
      default:
        break;
    }
    for (Talk& talk : live)
      if (talk.id == id && environment.draw_below(2, 3) != 0) return converse(environment, talk);
  }
  void on_leave(Environment& environment) { environment.exit(); }
  auto fields() const { return std::tie(opened, live, period, nodes); }

  struct Talk {
    std::uint32_t id = 0;
    bool closing = false;
    bool heard_end = false;
    auto fields() const { return std::tie(id, closing, heard_end); }
  };

  void act(Environment& environment) {
    const std::uint64_t choice = environment.draw_below(2, 10);
    if (choice < 3 && live.size() < 6) {
      const auto to = static_cast<NodeIndex>(environment.draw_below(3, nodes + 1));  // one does not exist
      const Address address = choice == 0 && to % 3 == 0 ? address_of(to).with_port(9) : address_of(to);
      environment.open_stream(StreamId{opened}, address);
      live.push_back({opened, false});
      opened += 2;
      return converse(environment, live.back());
    }
    if (choice == 3) environment.hash_content({{2}, 0, 20'000});
    if (choice == 4) environment.read_content(ContentKey{2});
    if (choice == 5) environment.send(address_of(static_cast<NodeIndex>(environment.draw_below(3, nodes))), {});
    if (choice == 6 && environment.draw_below(3, 20) == 0) environment.exit();
    if (!live.empty()) converse(environment, live[environment.draw_below(4, live.size())]);
  }

  void converse(Environment& environment, Talk& talk) {
    const StreamId stream{talk.id};
    for (std::uint64_t i = 1 + environment.draw_below(5, 4); i > 0; --i) {
      const std::uint64_t size = 1 + environment.draw_below(6, 60'000);
      switch (environment.draw_below(7, 16)) {
        case 0:
          talk.closing = true;
          return environment.close_stream(stream);
        case 1:
          if (environment.draw_below(7, 4) != 0) break;
          environment.reset_stream(stream);
          std::erase_if(live, [stream](const Talk& one) { return one.id == stream.value; });
          return;
        case 2:
        case 3:
        case 4:
        case 5:
          if (!talk.closing) environment.send_content(stream, {{1}, size, size * 2});
          break;
        case 6:
        case 7:
        case 8:
          if (!talk.closing)
            environment.write_stream(stream, std::vector<std::byte>(size % 5000, static_cast<std::byte>(size)));
          break;
        case 9:
        case 10:
        case 11:
          if (!talk.heard_end) environment.receive_bytes(stream, size % 7000 + 1);
          break;
        default:
          if (!talk.heard_end) environment.receive_content(stream, {{2}, size % 1000, size});
      }
    }
  }

  std::uint32_t opened = 1;
  std::vector<Talk> live;
  Duration period{5ms};
  std::uint64_t nodes = 1;
};

struct Deed {
  Duration at;
  std::function<void(World&)> act;
};

// A random world of talkers, and what is done to it, in order of time.
class Talks {
 public:
  explicit Talks(std::uint64_t seed) : draws_(key_of(seed, 79)), seed_(seed) {
    length = draws_.below(3) == 0 ? Duration(3s) : Duration(400ms);
    hosts_ = 2 + draws_.below(14);
    for (std::uint64_t i = draws_.below(50); i > 0; --i)
      deeds_.push_back({Duration(static_cast<std::int64_t>(draws_.below(static_cast<std::uint64_t>(length.count())))),
                        random_deed()});
    std::stable_sort(deeds_.begin(), deeds_.end(), [](const Deed& a, const Deed& b) { return a.at < b.at; });
    first_path_ = random_path();
    links_ = draws_.below(3);
    slow_disks_ = draws_.below(3) == 0;
    constexpr std::array<std::uint32_t, 3> sizes{1460, 16'384, 65'536};
    segment_size_ = sizes[draws_.below(3)];
  }

  World begin(std::size_t threads, std::uint64_t events_worth_waking) const {
    const EventQueueKind kinds[] = {EventQueueKind::wheel, EventQueueKind::heap, EventQueueKind::short_queue};
    WorldOptions options{
        .seed = seed_, .queue = kinds[seed_ % 3], .threads = threads, .events_worth_waking = events_worth_waking};
    options.streams.segment_size = segment_size_;
    options.streams.receive_buffer = 100'000;
    options.streams.linger = 20ms;
    options.streams.connect_timeout = 300ms;
    options.streams.user_timeout = 600ms;
    options.streams.undetected_corruption = 0.1;
    World world(options);
    world.add_population<Talker>(hosts_, [nodes = hosts_, seed = seed_](NodeIndex node) {
      return Talker{.live = {}, .period = 1ms * (2 + key_of(seed, node) % 40), .nodes = nodes};
    });
    world.network().set_default(first_path_);
    for (NodeIndex node = 0; node < hosts_; ++node) {
      world.put_file(node, "file", 1 + node % 3, Talker::file_size);
      if (links_ == 1 || (links_ == 2 && node % 3 == 0)) {
        LinkTraits traits;
        traits.loss = 0.02;
        traits.jitter = 1ms;
        world.network().set_uplink(node, {{20'000'000}, 100'000});
        world.network().set_downlink(
            node,
            {{30'000'000}, 60'000, nullptr, node % 2 == 0 ? std::make_shared<const LinkTraits>(traits) : nullptr});
      }
      if (slow_disks_ && node % 2 == 0)
        world.set_disk(node, {.rate = {800'000'000}, .latency = 1ms, .capacity = 500'000, .failing = 0.02});
      if (node % 5 != 4) world.start(node);
    }
    return world;
  }

  // Lets it happen from the world's present on, until `end`: all at once, or `limit` events after the other.
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

  Duration length{};

 private:
  PathConditions random_path() {
    PathConditions path;
    const Duration base(static_cast<std::int64_t>(1000 * (2 + draws_.below(20'000))));
    switch (draws_.below(3)) {
      case 0:
        path.latency = LatencyModel::constant(base);
        break;
      case 1:
        path.latency = LatencyModel::uniform(base, base + 10ms);
        break;
      default:
        path.latency = LatencyModel::constant(base).with_jitter(Distribution::exponential(1e6));
    }
    if (draws_.below(2) == 0) path.loss = LossModel::independent(0.05);
    if (draws_.below(3) == 0) path.duplicate = 0.1;
    if (draws_.below(3) == 0) path.reorder = 0.1, path.reorder_delay = 30ms;
    if (draws_.below(3) == 0) path.corrupt = 0.02;
    return path;
  }

  std::function<void(World&)> random_deed() {
    const auto node = static_cast<NodeIndex>(draws_.below(hosts_));
    const auto other = static_cast<NodeIndex>(draws_.below(hosts_));
    switch (draws_.below(12)) {
      case 0:
        return [node](World& world) { world.crash(node, Disk::keep); };
      case 1:
        return [node](World& world) { world.crash(node, Disk::wipe); };
      case 2:
      case 3:
      case 4:
        return [node](World& world) { world.start(node); };
      case 5:
        return [node](World& world) { world.pause(node); };
      case 6:
        return [node](World& world) { world.resume(node); };
      case 7:
        return [node](World& world) { world.set_lying(node, 0.5); };
      case 8:
        return [node](World& world) { world.command(node, "act"); };
      case 9:
        return [node](World& world) { world.leave(node); };
      case 10:
        return [node, other](World& world) {
          const std::array from{node};
          const std::array to{other};
          if (!world.network().heal("cut")) world.network().partition("cut", NodeSet(from), NodeSet(to), false);
          world.network().clog(NodeSet(from), NodeSet(to), world.now() + 9ms);
        };
      default:
        return [path = random_path()](World& world) { world.network().set_default(path); };
    }
  }

  KeyedStream draws_;
  std::uint64_t seed_;
  std::size_t hosts_ = 0;
  std::vector<Deed> deeds_;
  PathConditions first_path_;
  std::uint64_t links_ = 0;
  bool slow_disks_ = false;
  std::uint32_t segment_size_ = 0;
};

struct Outcome {
  explicit Outcome(const World& world)
      : digest(world.digest()),
        state(world.state_digest()),
        counters(world.counters()),
        streams(world.stream_counters()) {
    world.for_each_under_way([this](const Event&, Bytes) { ++under_way; });
  }
  std::uint64_t digest;
  std::uint64_t state;
  WorldCounters counters;
  StreamCounters streams;
  std::size_t under_way = 0;
  friend bool operator==(const Outcome&, const Outcome&) = default;
};

// Returns what happened on one thread.
StreamCounters check_talks(std::uint64_t seed, std::initializer_list<std::size_t> threads,
                           std::uint64_t events_worth_waking) {
  INFO("seed " << seed);
  const Talks talks(seed);
  World one = talks.begin(1, 0);
  Record heard_by_one;
  one.observe(&heard_by_one);
  one.network().observe_links(&heard_by_one);
  talks.go_on(one, talks.length);
  const Outcome expected(one);
  for (const std::size_t count : threads) {
    INFO(count << " threads");
    World several = talks.begin(count, events_worth_waking);
    REQUIRE(several.why_on_one_thread().empty());
    Record heard;
    several.observe(&heard);
    several.network().observe_links(&heard);
    talks.go_on(several, talks.length / 2);
    World copy = several;
    talks.go_on(several, talks.length);
    CHECK(Outcome(several) == expected);
    CHECK(heard.all == heard_by_one.all);
    talks.go_on(copy, talks.length, seed % 2 == 0 ? 0 : 77);
    CHECK(Outcome(copy) == expected);
  }
  return expected.streams;
}

}  // namespace

TEST_CASE("a stream between two threads opens, carries what was written, and closes") {
  const auto run = [](std::size_t threads) {
    World world = streamer_world(2, 10ms, {.threads = threads, .events_worth_waking = 0});
    world.command(0, "open 1 1");
    world.command(0, "write 1 good day");
    world.run_until(at(1s));
    world.command(1, "ask 2 8");
    world.command(1, "write 2 likewise");
    world.command(0, "ask 1 8");
    world.run_until(at(2s));
    world.command(0, "close 1");
    world.command(1, "close 2");
    world.run_until(at(30s));
    CHECK(told(world, 1) == std::vector<std::string>{"2 accepted", "2 good day", "2 closed"});
    return Outcome(world);
  };
  CHECK(run(2) == run(1));
}

TEST_CASE("random streams are the same on any number of threads") {
  StreamCounters all;
  for (std::uint64_t seed = 0; seed < 12; ++seed) all.add(check_talks(seed, {2, 3, 7}, 0));
  // They are no empty worlds.
  CHECK(all.accepted > 150);
  CHECK(all.closed > 50);
  CHECK(all.reset > 200);
  CHECK(all.packets_again > 500);
  CHECK(all.packets_cut > 0);
  CHECK(all.packets_overflowed > 0);
  CHECK(all.harmed_bytes > 0);
  CHECK(all.payload_bytes > 20'000'000);
}

TEST_CASE("random streams are the same if one thread handles several lanes") {
  for (std::uint64_t seed = 1000; seed < 1100; ++seed) check_talks(seed, {2, 5}, UINT64_MAX);
}

}  // namespace peerbed::sim::testing
