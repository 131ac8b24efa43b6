// Throughput of one stream over a path that loses packets at random, compared with the formulas of Mathis et al. (1997)
// and Padhye, Firoiu, Towsley and Kurose (1998).

#include <algorithm>
#include <cmath>

#include "sim/engine/world.h"
#include "tests/catch.h"
#include "tests/sim/streamer.h"

namespace peerbed::sim::testing {
namespace {

using namespace std::chrono_literals;

constexpr double packet_bits = 1460 * 8;

// In Mbit/s. The square-root law for periodic loss with each packet acknowledged: Mathis et al., equation 3.
double square_root_law(double p, double round_trip) { return packet_bits / round_trip * std::sqrt(1.5 / p) / 1e6; }

// In Mbit/s. The full model of Padhye et al., equation 32, with b = 1 and an unlimited window.
double full_model(double p, double round_trip, double first_timeout) {
  const double q = 1 - p;
  const double window = 1 + std::sqrt(8 * q / (3 * p) + 1);
  const double timeout_share = std::min(
      1.0, (1 - std::pow(q, 3)) * (1 + std::pow(q, 3) * (1 - std::pow(q, window - 3))) / (1 - std::pow(q, window)));
  const double backoff =
      1 + p + 2 * p * p + 4 * std::pow(p, 3) + 8 * std::pow(p, 4) + 16 * std::pow(p, 5) + 32 * std::pow(p, 6);
  const double packets = q / p + window + timeout_share / q;
  const double time = round_trip * (window / 2 + 1) + timeout_share * backoff * first_timeout / q;
  return packets / time * packet_bits / 1e6;
}

struct Path {
  double loss = 0;
  double round_trip = 0;  // seconds
};

Duration duration_of(double seconds) { return Duration(static_cast<std::int64_t>(seconds * 1e9)); }

// Mbit/s of one stream, over the time in which about this many packets are lost. As in the models, acknowledgements are
// not lost, and only the congestion window is a limit.
double throughput(const Path& path, const StreamOptions& stream, double losses) {
  WorldOptions options;
  options.streams = stream;
  options.streams.receive_buffer = 1 << 30;
  options.streams.acknowledge_every = 1;
  World world = streamer_world(2, duration_of(path.round_trip / 2), options);
  world.network().set_between_hosts(
      0, 1,
      {.latency = LatencyModel::constant(duration_of(path.round_trip / 2)), .loss = LossModel::independent(path.loss)});
  give_file(world, 0, 1 << 30);
  world.command(0, "serve 1073741824 1048576");
  world.command(1, "fetch 1 0 1460 1000000000");
  const double seconds = losses / path.loss * packet_bits / (full_model(path.loss, path.round_trip, 1) * 1e6);
  world.run_until(at(duration_of(seconds * 0.1)));
  const std::uint64_t before = world.stream_counters().payload_bytes;
  world.run_until(at(duration_of(seconds * 1.1)));
  return static_cast<double>(world.stream_counters().payload_bytes - before) * 8 / seconds / 1e6;
}

// The tolerances of the models, at losses and round trips for which Reno's timeout is what they assume: 1 s.
void check_reno(const Path& path, double losses) {
  const double rate = throughput(path,
                                 {.congestion = CongestionControl::reno,
                                  .recovery = LossRecovery::reno,
                                  .segment_size = 1460,
                                  .minimum_timeout = 1s},
                                 losses);
  CAPTURE(path.loss, path.round_trip, rate);
  const double full = full_model(path.loss, path.round_trip, 1);
  CHECK(rate / full == Approx(1).margin(path.loss <= 0.05 ? 0.25 : 0.3));
  if (path.loss <= 1e-3) CHECK(rate / square_root_law(path.loss, path.round_trip) == Approx(1).margin(0.1));
}

}  // namespace

TEST_CASE("the models' figures are the published ones") {
  CHECK(square_root_law(1e-3, 0.1) == Approx(4.52).epsilon(0.002));
  CHECK(full_model(1e-3, 0.1, 1) == Approx(4.40).epsilon(0.002));
  CHECK(full_model(1e-2, 0.02, 1) == Approx(3.34).epsilon(0.002));
  CHECK(full_model(0.05, 0.3, 1) == Approx(0.155).epsilon(0.005));
  CHECK(full_model(0.1, 0.02, 1) == Approx(0.195).epsilon(0.005));
}

TEST_CASE("Reno's throughput depends on loss and round trip as the models say") {
  for (const double loss : {1e-3, 1e-2, 0.05, 0.1})
    for (const double round_trip : {0.02, 0.1, 0.3}) check_reno({loss, round_trip}, loss < 1e-2 ? 600 : 1500);
}

TEST_CASE("Reno's throughput agrees with the models over many losses, including rare ones", "[.nightly]") {
  for (const double loss : {1e-4, 1e-3, 1e-2, 0.05, 0.1})
    for (const double round_trip : {0.02, 0.1, 0.3}) check_reno({loss, round_trip}, loss < 1e-3 ? 1000 : 5000);
}

TEST_CASE("CUBIC's window grows with the round trip and the loss as RFC 9438 says") {
  const Path path{1e-4, 0.2};
  const double rate = throughput(path, {.congestion = CongestionControl::cubic, .segment_size = 1460}, 200);
  const double window = 1.054 * std::pow(path.round_trip / path.loss, 0.75);
  CHECK(rate / (window * packet_bits / path.round_trip / 1e6) == Approx(1).margin(0.15));
  CHECK(rate > 1.5 * square_root_law(path.loss, path.round_trip));
}

TEST_CASE("segments of 64 KiB have the throughput of single packets, since each packet is lost on its own") {
  const CongestionControl congestion = GENERATE(CongestionControl::cubic, CongestionControl::reno);
  for (const Path& path : {Path{1e-3, 0.1}, Path{1e-2, 0.02}}) {
    const double exact = throughput(path, {.congestion = congestion, .segment_size = 1460}, 2000);
    const double quick = throughput(path, {.congestion = congestion, .segment_size = 65'536}, 2000);
    CAPTURE(path.loss, exact, quick);
    CHECK(quick / exact == Approx(1).margin(0.05));
  }
}

TEST_CASE("slow start doubles the window each round trip") {
  for (const auto& [packets, rounds] : {std::pair{10, 1}, {100, 4}, {1000, 7}, {10'000, 10}}) {
    WorldOptions options;
    options.streams.segment_size = 1460;
    options.streams.receive_buffer = 1 << 30;
    World world = streamer_world(2, 50ms, options);
    const std::string size = std::to_string(packets * 1460);
    world.put_file(0, "file", 7, 1 << 30);
    world.command(0, "import 1 file");
    world.command(0, "serve 1073741824 " + size);
    world.run_until(at(1s));
    world.command(1, "fetch 1 0 " + size + " 1");
    world.run_until(at(10s));
    // One round trip for the handshake, and at most half of the last delayed acknowledgement between two rounds.
    const Duration taken = streamer(world, 1).fetches.at(1).finished - at(1s);
    CAPTURE(packets, taken.count());
    CHECK(taken == (rounds + 1) * 100ms);
  }
}

}  // namespace peerbed::sim::testing
