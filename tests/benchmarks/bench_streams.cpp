// bench_streams HOSTS SIMULATED_SECONDS [SEGMENT_SIZE]: every host fetches pieces of 1 MiB from four others over links
// of 10 MB/s up and 20 MB/s down, 20 ms apart; prints one JSON line. The nodes do nothing but ask for the next piece.

#include <sys/resource.h>

#include <cstdio>
#include <cstdlib>

#include "sim/engine/world.h"

namespace {

using namespace peerbed;

constexpr std::uint64_t file_size = std::uint64_t{1} << 40;
constexpr std::uint64_t piece_size = 1 << 20;
constexpr ContentKey shared{1};
constexpr ContentKey fetched{2};

class Fetcher {
 public:
  static constexpr std::size_t timer_count = 1;
  static constexpr std::array<TraceEventType, 0> trace_events{};
  static constexpr std::array<std::string_view, 0> message_kinds{};

  explicit Fetcher(std::uint32_t hosts) : hosts_(hosts) {}
  void on_start(Environment& environment, Start) {
    environment.import_content(shared, "file");
    environment.set_timer(0, std::chrono::milliseconds(environment.draw_below(0, 1000)));
  }
  void on_datagram(Environment&, Address, Bytes) {}
  void on_timer(Environment& environment, TimerId) {
    for (std::uint32_t i = 0; i < 4; ++i) {
      const StreamId stream{2 * i + 1};
      const std::uint32_t self = environment.self().host() - sim::first_host_address;
      const auto other = static_cast<std::uint32_t>(1 + environment.draw_below(1, hosts_ - 1));
      const std::uint32_t peer = (self + other) % hosts_;
      environment.open_stream(stream, Address::ipv4(sim::first_host_address + peer, sim::host_port));
      for (int ahead = 0; ahead < 2; ++ahead) environment.receive_content(stream, {fetched, 0, piece_size});
    }
  }
  void on_stream(Environment& environment, const StreamEvent& event) {
    switch (event.kind) {
      case StreamEventKind::accepted:
        environment.send_content(event.stream, {shared, 0, piece_size});
        [[fallthrough]];
      case StreamEventKind::content_sent:
        return environment.send_content(event.stream, {shared, 0, piece_size});
      case StreamEventKind::content_received:
        ++pieces_;
        return environment.receive_content(event.stream, {fetched, 0, piece_size});
      default:
        return;
    }
  }
  void on_content(Environment&, const ContentReady&) {}
  void on_command(Environment&, std::string_view) {}
  void on_leave(Environment& environment) { environment.exit(); }
  auto fields() const { return std::tie(hosts_, pieces_); }
  std::uint64_t pieces() const { return pieces_; }

 private:
  std::uint32_t hosts_;
  std::uint64_t pieces_ = 0;
};

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
         static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1e-6;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    std::fputs("usage: bench_streams HOSTS SIMULATED_SECONDS [SEGMENT_SIZE]\n", stderr);
    return 2;
  }
  const auto hosts = static_cast<std::uint32_t>(std::atoi(argv[1]));
  const int seconds = std::atoi(argv[2]);
  sim::WorldOptions options;
  if (argc > 3) options.streams.segment_size = static_cast<std::uint32_t>(std::atoi(argv[3]));
  sim::World world(options);
  world.add_population<Fetcher>(hosts, [hosts](NodeIndex) { return Fetcher(hosts); });
  world.network().set_default({.latency = sim::LatencyModel::constant(std::chrono::milliseconds(20))});
  for (NodeIndex node = 0; node < hosts; ++node) {
    world.network().set_uplink(node, {{80'000'000}, 500'000});
    world.network().set_downlink(node, {{160'000'000}, 500'000});
    world.put_file(node, "file", 7, file_size);
    world.start(node);
  }
  const double before = cpu_seconds();
  world.run_until(time_zero + std::chrono::seconds(seconds));
  const double spent = cpu_seconds() - before;
  std::uint64_t pieces = 0;
  for (NodeIndex node = 0; node < hosts; ++node) pieces += world.node<Fetcher>(node).pieces();
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const sim::StreamCounters& counters = world.stream_counters();
  const auto count = [](std::uint64_t value) { return static_cast<unsigned long long>(value); };
  std::printf(
      "{\"hosts\": %u, \"seconds\": %d, \"segment_size\": %u, \"pieces\": %llu, \"segments\": %llu, \"packets\": %llu, "
      "\"acknowledgements\": %llu, \"packets_again\": %llu, \"timeouts\": %llu, \"cpu_seconds\": %.3f, "
      "\"microseconds_per_segment\": %.3f, \"nanoseconds_per_KiB\": %.3f, \"max_rss_bytes\": %lld, \"digest\": "
      "\"%016llx\"}\n",
      hosts, seconds, options.streams.segment_size, count(pieces), count(counters.segments), count(counters.packets),
      count(counters.acknowledgements), count(counters.packets_again), count(counters.timeouts), spent,
      spent * 1e6 / static_cast<double>(counters.segments),
      spent * 1e9 / (static_cast<double>(counters.payload_bytes) / 1024),
      static_cast<long long>(usage.ru_maxrss) * 1024, count(world.digest()));
}
