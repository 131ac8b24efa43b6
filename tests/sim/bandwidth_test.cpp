// Streams over links of limited rate: how much of a link they fill, and how they share it.

#include <cmath>

#include "sim/engine/world.h"
#include "tests/catch.h"
#include "tests/sim/streamer.h"

namespace peerbed::sim::testing {
namespace {

using namespace std::chrono_literals;

WorldOptions with_segments_of(std::uint32_t size, CongestionControl congestion = CongestionControl::cubic) {
  WorldOptions options;
  options.streams.segment_size = size;
  options.streams.congestion = congestion;
  return options;
}

double seconds(Duration duration) { return static_cast<double>(duration.count()) * 1e-9; }

// The share of a link's payload capacity that a fetch used, from its first to its last byte.
double share_of_capacity(const Streamer::Fetch& fetch, double bits_per_second) {
  const double bytes = static_cast<double>(fetch.piece * fetch.pieces);
  const double capacity = bits_per_second / 8 * 1460 / 1500;
  return bytes / seconds(fetch.finished - fetch.opened) / capacity;
}

}  // namespace

TEST_CASE("one stream fills a link of 10 Mbit/s") {
  const std::uint32_t size = GENERATE(1460U, 16'384U, 65'536U);
  const CongestionControl congestion = GENERATE(CongestionControl::cubic, CongestionControl::reno);
  World world = streamer_world(2, 20ms, with_segments_of(size, congestion));
  SECTION("as an up-link") { world.network().set_uplink(0, {{10'000'000}, 100'000}); }
  SECTION("as a down-link") { world.network().set_downlink(1, {{10'000'000}, 100'000}); }
  give_file(world, 0, 100'000'000);
  world.run_until(at(1s));
  world.command(1, "fetch 1 0 65536 600");
  world.run_until(at(120s));
  const Streamer::Fetch& fetch = streamer(world, 1).fetches.at(1);
  REQUIRE(fetch.done == 600);
  CAPTURE(size, seconds(fetch.finished - fetch.opened), world.stream_counters().packets_overflowed,
          world.stream_counters().timeouts);
  CHECK(share_of_capacity(fetch, 10e6) >= 0.95);
  CHECK(share_of_capacity(fetch, 10e6) <= 1.0);
}

TEST_CASE("streams over one bottleneck share it evenly") {
  const std::uint32_t size = GENERATE(1460U, 65'536U);
  const CongestionControl congestion = GENERATE(CongestionControl::cubic, CongestionControl::reno);
  constexpr NodeIndex streams = 8;
  World world = streamer_world(streams + 1, 20ms, with_segments_of(size, congestion));
  world.network().set_uplink(0, {{80'000'000}, 400'000});
  give_file(world, 0, 1'000'000'000);
  for (NodeIndex node = 1; node <= streams; ++node) {
    world.run_until(at(node * 37ms));
    world.command(node, "fetch 1 0 65536 1000000");
  }
  world.run_until(at(20s));
  std::vector<double> before;
  for (NodeIndex node = 1; node <= streams; ++node)
    before.push_back(static_cast<double>(streamer(world, node).fetches.at(1).done));
  world.run_until(at(320s));
  double sum = 0, squares = 0;
  for (NodeIndex node = 1; node <= streams; ++node) {
    const double rate = static_cast<double>(streamer(world, node).fetches.at(1).done) - before[node - 1];
    sum += rate;
    squares += rate * rate;
  }
  const double jain = sum * sum / (streams * squares);
  const double used = sum * 65'536 / 300 / (80e6 / 8 * 1460 / 1500);
  CAPTURE(size, congestion == CongestionControl::cubic, used);
  CHECK(jain >= 0.98);
  CHECK(used >= 0.95);
}

}  // namespace peerbed::sim::testing
