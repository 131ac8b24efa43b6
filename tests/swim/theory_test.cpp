// What Das, Gupta and Motivala (2002) derive: how soon a crash is noticed, how often a live member is suspected when
// messages are lost, and how fast news spread.

#include <cmath>
#include <set>

#include "tests/catch.h"
#include "tests/swim/swim_world.h"

using namespace peerbed;
using namespace peerbed::swim;

namespace {

constexpr Duration period = 1s;

// SWIM as in the paper, without what Lifeguard adds.
Options plain_swim() {
  Options options;
  options.suspicion_spread = 1;
  options.local_health_limit = 0;
  options.buddy_system = false;
  options.sync_period = 0s;
  return options;
}

struct Sample {
  double mean = 0;
  double error = 0;  // standard error of the mean
};

Sample summary_of(const std::vector<double>& values) {
  double sum = 0;
  double squares = 0;
  for (const double value : values) {
    sum += value;
    squares += value * value;
  }
  const auto count = static_cast<double>(values.size());
  const double mean = sum / count;
  return {mean, std::sqrt((squares / count - mean * mean) / count)};
}

void check_mean(const char* what, const std::vector<double>& values, double expected) {
  const Sample sample = summary_of(values);
  INFO(what << " " << sample.mean << " +- " << sample.error << ", expected " << expected);
  CHECK(std::abs(sample.mean - expected) <= 4 * sample.error);
}

// In how many periods after its crash a member was first probed by anybody. In each, every other member probes one.
double periods_to_detection(std::size_t members, ProbeOrder order, std::uint64_t seed) {
  Options options = plain_swim();
  options.probe_order = order;
  SwimWorld world(options, members, members, seed);
  world.set_network(1us);
  world.start(0, members);
  world.run_for(5 * period + Duration(static_cast<std::int64_t>(key_of(seed, 1) % 1'000'000'000)));
  const Time crash = world.world().now();
  world.world().crash(0, Disk::keep);
  while (world.of(TraceEvent::member_suspected).empty()) world.run_for(period);
  const Duration until_probe = world.of(TraceEvent::member_suspected)[0].time - period - crash;
  return std::ceil(std::chrono::duration<double>(until_probe).count());
}

}  // namespace

TEST_CASE("a crash is noticed after the number of periods that theory has for random probes") {
  for (const std::size_t members : {5U, 50U}) {
    std::vector<double> periods;
    for (std::uint64_t seed = 1; seed <= 1000; ++seed)
      periods.push_back(periods_to_detection(members, ProbeOrder::random, seed));
    const auto others = static_cast<double>(members - 1);
    check_mean("periods", periods, 1 / (1 - std::pow(1 - 1 / others, others)));  // e / (e - 1) for many members
  }
}

TEST_CASE("probing in turn, no member waits for more than 2 n - 1 periods for another's probe") {
  constexpr std::size_t members = 10;
  const auto longest_wait = [](ProbeOrder order) {
    Options options = plain_swim();
    options.probe_order = order;
    SwimWorld world(options, members, members);
    world.set_network(1us);
    world.start(0, members);
    world.run_for(400 * period);
    std::map<std::pair<NodeIndex, NodeIndex>, Time> last;
    Duration longest{};
    for (const auto& ping : world.pings()) {
      const auto [place, is_first] = last.emplace(std::pair(ping.from, ping.to), ping.time);
      if (!is_first) longest = std::max(longest, ping.time - std::exchange(place->second, ping.time));
    }
    CHECK(last.size() == members * (members - 1));
    return longest;
  };
  constexpr std::size_t others = members - 1;
  CHECK(longest_wait(ProbeOrder::round_robin) <= (2 * others - 1) * period);
  CHECK(longest_wait(ProbeOrder::random) > (2 * others - 1) * period);
}

TEST_CASE("a live member is suspected as often as theory has it when messages are lost") {
  constexpr double delivered = 0.8;
  for (const std::size_t proxies : {0U, 1U, 3U}) {
    Options options = plain_swim();
    options.proxies = proxies;
    options.probe_order = ProbeOrder::random;
    options.suspicion_factor = 64;  // nobody is buried
    options.sync_period = 10s;
    std::vector<double> failed;  // share in each group
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
      SwimWorld world(options, 20, 20, seed);
      world.set_network(1ms, 1 - delivered);
      world.start(0, 20);
      world.run_for(100 * period);
      double failures = 0;
      for (const auto& probe : world.of(TraceEvent::probe_done)) failures += probe.values[0] == 0 ? 1 : 0;
      failed.push_back(failures / static_cast<double>(world.of(TraceEvent::probe_done).size()));
      CHECK(world.of(TraceEvent::member_dead).empty());
    }
    const double direct = 1 - std::pow(delivered, 2);
    const double indirect = std::pow(1 - std::pow(delivered, 4), static_cast<double>(proxies));
    check_mean("share of probes", failed, direct * indirect);
  }
}

// As in the paper, whoever knows tells the one that it probes, and the one that probes it: of n members, x of which
// know, the next one hears in (n - 1) / (2 x (n - x)) periods. The newcomer and the member that it joined through know
// first.
// Here a member probes exactly once in each period, where the law has random times.
TEST_CASE("news spread to all in as many periods as theory has, about the logarithm of the group's size") {
  for (const std::size_t members : {32U, 128U, 512U}) {
    std::vector<double> periods;
    for (std::uint64_t seed = 1; seed <= 40; ++seed) {
      Options options = plain_swim();
      options.probe_order = ProbeOrder::random;
      SwimWorld world(options, members, members - 1, seed);
      world.start(0, members - 1);
      world.run_for(5 * period);
      world.world().start(static_cast<NodeIndex>(members - 1));
      world.run_for(30 * period);
      std::vector<Time> heard;
      for (const auto& joined : world.of(TraceEvent::member_joined))
        if (joined.node != members - 1) heard.push_back(joined.time);
      REQUIRE(heard.size() == members - 1);
      periods.push_back(std::chrono::duration<double>(heard[members - 3] - heard[0]).count());
    }
    const auto n = static_cast<double>(members);
    double expected = 0;
    for (double x = 2; x <= n - 2; ++x) expected += (n - 1) / (2 * x * (n - x));
    const Sample sample = summary_of(periods);
    INFO(members << " members: " << sample.mean << " +- " << sample.error << " periods, by theory " << expected
                 << ", logarithm " << std::log(n));
    CHECK(std::abs(sample.mean - expected) < 0.15 * expected);
    CHECK(std::abs(expected - std::log(n)) < 1);
  }
}
