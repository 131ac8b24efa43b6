// Hedged queries and gets that end early, compared with a ring without them.

#include <algorithm>

#include "tests/catch.h"
#include "tests/ring/ring_world.h"

using namespace peerbed;
using namespace peerbed::ring;
using namespace std::chrono_literals;

namespace {

constexpr int files = 200;
std::string name_of(int i) { return "file-" + std::to_string(i); }

Options with_replicas() {
  Options options = quick_options();
  options.successor_list_length = 16;
  options.replicas = 12;
  return options;
}

Options hedging(Options options) {
  options.hedge_after = 5ms;
  options.gets_end_early = true;
  return options;
}

// Sixty nodes that hold the files and have exchanged messages for a while.
void fill(RingWorld& ring) {
  ring.start_all();
  for (int i = 0; i < files; ++i)
    ring.world().command(static_cast<NodeIndex>(i) % 10, "put " + name_of(i) + " content of " + name_of(i));
  ring.run_for(10s);
  REQUIRE(ring.journal().of(TraceEvent::value_acknowledged).size() == files);
}

struct Gets {
  std::size_t right = 0;
  Duration median{};
  Duration slow{};             // 95th percentile
  std::uint64_t messages = 0;  // of the whole ring meanwhile
};

// One node fetches all files, a new one every 20 ms.
Gets fetch(RingWorld& ring, NodeIndex reader) {
  ring.journal().clear();
  const std::uint64_t before = ring.world().counters().sent.datagrams;
  for (int i = 0; i < files; ++i) {
    ring.world().command(reader, "get " + name_of(i));
    ring.run_for(20ms);
  }
  Gets gets;
  gets.messages = ring.world().counters().sent.datagrams - before;
  ring.run_for(120s);
  std::vector<std::uint64_t> latencies;
  for (const auto& entry : ring.journal().of(TraceEvent::get_done)) latencies.push_back(entry.values[1]);
  REQUIRE(latencies.size() == files);
  std::sort(latencies.begin(), latencies.end());
  gets.median = Duration{static_cast<std::int64_t>(latencies[files / 2])};
  gets.slow = Duration{static_cast<std::int64_t>(latencies[files * 95 / 100])};
  for (int i = 0; i < files; ++i)
    for (const auto& line : ring.journal().lines())
      gets.right += line.text == name_of(i) + " = content of " + name_of(i);
  return gets;
}

Gets fetch_after_deaths(const Options& options, std::size_t dead, std::uint64_t seed) {
  RingWorld ring(options, 60, 60, seed);
  fill(ring);
  for (std::size_t i = 0; i < dead; ++i) ring.world().crash(static_cast<NodeIndex>(59 - i), Disk::wipe);
  return fetch(ring, 0);
}

}  // namespace

TEST_CASE("right after sixty percent of a ring have died at once, hedged gets take a fraction of the time") {
  for (const std::uint64_t seed : {1u, 2u, 3u}) {
    const Gets plain = fetch_after_deaths(with_replicas(), 36, seed);
    const Gets hedged = fetch_after_deaths(hedging(with_replicas()), 36, seed);
    INFO("seed " << seed << ": median " << plain.median.count() / 1e6 << " and " << hedged.median.count() / 1e6
                 << " ms, 95 % within " << plain.slow.count() / 1e6 << " and " << hedged.slow.count() / 1e6
                 << " ms, right " << plain.right << " and " << hedged.right);
    CHECK(hedged.median * 8 < plain.median);
    CHECK(hedged.slow * 5 < plain.slow);
    CHECK(hedged.right >= plain.right);
  }
}

TEST_CASE("where all is well hedging costs hardly any message, and an early end saves some, and time") {
  const Gets plain = fetch_after_deaths(with_replicas(), 0, 1);
  Options hedging_only = hedging(with_replicas());
  hedging_only.gets_end_early = false;
  const Gets hedged = fetch_after_deaths(hedging_only, 0, 1);
  const Gets early = fetch_after_deaths(hedging(with_replicas()), 0, 1);
  INFO("messages " << plain.messages << ", " << hedged.messages << ", " << early.messages << "; median "
                   << plain.median.count() / 1e6 << ", " << hedged.median.count() / 1e6 << ", "
                   << early.median.count() / 1e6 << " ms");
  CHECK(hedged.messages < plain.messages * 1.03);
  CHECK(early.messages < plain.messages);
  CHECK(early.median < plain.median);
  CHECK(hedged.right == files);
  CHECK(early.right == files);
}

TEST_CASE("a slow node is bypassed and not declared dead") {
  RingWorld ring(hedging(with_replicas()), 60, 60);
  fill(ring);
  const NodeIndex slow = 33;
  sim::PathConditions path;
  path.latency = sim::LatencyModel::constant(400ms);
  for (NodeIndex other = 0; other < 60; ++other) {
    if (other == slow) continue;
    ring.world().network().set_between_hosts(slow, other, path);
    ring.world().network().set_between_hosts(other, slow, path);
  }
  const Gets gets = fetch(ring, 0);
  INFO("95 % within " << gets.slow.count() / 1e6 << " ms");
  CHECK(gets.right == files);
  CHECK(gets.slow < 400ms);
  CHECK(ring.journal().of(TraceEvent::peer_suspected).empty());
  CHECK(ring.flaw() == "");
}

TEST_CASE("a ring that lost a stretch of nodes is ideal again after the waits for one of them") {
  const auto time_to_mend = [](const Options& options) {
    RingWorld ring(options, 60, 60);
    ring.start_all();
    ring.run_for(5s);
    const std::vector<Contact> members = ring.live_members();
    for (std::size_t place = 20; place < 30; ++place)
      ring.world().crash(sim::node_at(members[place].address), Disk::wipe);
    const NodeIndex before = sim::node_at(members[19].address);
    int steps = 0;
    while (ring.node(before).successors().front() != members[30] && ++steps < 1000) ring.run_for(100ms);
    ring.run_for(30s);
    CHECK(ring.flaw() == "");
    return steps * 100ms;
  };
  const auto plain = time_to_mend(with_replicas());
  const auto hedged = time_to_mend(hedging(with_replicas()));
  // A stabilization period, the five waits for the first one, and the fifth one for those behind it.
  CHECK(hedged <= 1100ms + 3000ms + 800ms + 100ms);
  CHECK(plain > 10 * 3000ms);
}

TEST_CASE("a node whose network fails for a while does not give up all its successors at once") {
  RingWorld ring(hedging(with_replicas()), 60, 60);
  ring.start_all();
  ring.run_for(5s);
  sim::PathConditions silence;
  silence.loss = sim::LossModel::independent(1);
  const NodeIndex lonely = 33;
  for (NodeIndex other = 0; other < 60; ++other) {
    if (other == lonely) continue;
    ring.world().network().set_between_hosts(lonely, other, silence);
    ring.world().network().set_between_hosts(other, lonely, silence);
  }
  ring.run_for(8s);
  CHECK(ring.node(lonely).successors().size() >= 13);
}

TEST_CASE(
    "with hedging, too, puts and gets over a lossy network succeed, a later put wins, and missing values are "
    "reported") {
  RingWorld ring(hedging(quick_options()), 30, 30);
  ring.set_network(20ms, 0.1);
  ring.start_all();
  for (const char* content : {"one", "two"}) {
    for (int i = 0; i < 50; ++i)
      ring.world().command(static_cast<NodeIndex>(i) % 10, "put " + name_of(i) + " " + content);
    ring.run_for(60s);
  }
  CHECK(ring.journal().of(TraceEvent::value_acknowledged).size() == 100);
  ring.journal().clear();
  for (int i = 0; i < 50; ++i) ring.world().command(7, "get " + name_of(i));
  ring.world().command(7, "get nothing");
  ring.run_for(60s);
  std::size_t right = 0;
  for (const auto& line : ring.journal().lines()) right += line.text.ends_with(" = two");
  CHECK(right == 50);
  const auto is_absence = [](const auto& line) { return line.text == "nothing was not found"; };
  CHECK(std::count_if(ring.journal().lines().begin(), ring.journal().lines().end(), is_absence) == 1);
  CHECK(ring.node(7).pending_operations() == 0);
}
