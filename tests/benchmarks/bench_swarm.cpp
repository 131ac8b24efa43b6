// bench_swarm PEERS MEBIBYTES [BLOCK_KIBIBYTES [THREADS]]: one peer has a file; all others fetch it and pass it on,
// each within an upload limit of 10 MB/s, until the last one has it; prints one JSON line. Paths take 5 ms, and links
// have no other limit. A step is one call of a node's handler; a message is what one node tells another, by datagram or
// in a stream; a segment stands for up to 46 packets of a stream. Segments include pure acknowledgements.

#include <sys/resource.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>

#include "protocols/swarm/peer.h"
#include "protocols/swarm/trackers/tracker.h"
#include "sim/core/large_pages.h"
#include "sim/engine/world.h"

namespace {

using namespace peerbed;

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
         static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1e-6;
}

bool has_file(const sim::World& world, NodeIndex node) {
  const swarm::SharedFile* file = world.node<swarm::Peer>(node).file("film");
  return file != nullptr && file->state == swarm::SharedFile::State::complete;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    std::fputs("usage: bench_swarm PEERS MEBIBYTES [BLOCK_KIBIBYTES [THREADS]]\n", stderr);
    return 2;
  }
  if (std::getenv("SMALL_PAGES") == nullptr) sim::prefer_large_pages();
  const auto peers = static_cast<std::uint32_t>(std::atoi(argv[1]));
  const std::uint64_t size = static_cast<std::uint64_t>(std::atoll(argv[2])) << 20;
  const auto block = static_cast<std::uint32_t>(argc > 3 ? std::atoi(argv[3]) : 128) * 1024;
  const auto options = [block] {
    auto made = std::make_shared<swarm::Options>();
    made->upload_limit = 80'000'000;
    made->least_outstanding = made->least_outstanding * made->block_size / block;
    made->block_size = block;
    return swarm::SharedOptions(made);
  }();
  const auto threads = static_cast<std::size_t>(argc > 4 ? std::atoi(argv[4]) : 1);
  sim::World world(sim::WorldOptions{.threads = threads});
  const Address tracker = sim::address_of(0);
  world.add_population<swarm::Tracker>(1, [options](NodeIndex) { return swarm::Tracker(options); });
  world.add_population<swarm::Peer>(
      peers + 1, [options, tracker](NodeIndex) { return swarm::Peer::make(options, std::span(&tracker, 1)); });
  world.network().set_default({.latency = sim::LatencyModel::constant(std::chrono::milliseconds(5))});
  world.put_file(1, "film", 7, size);
  for (NodeIndex node = 0; node < world.size(); ++node) world.start(node);
  world.command(1, "ADD film");
  world.run_until(time_zero + std::chrono::seconds(5));
  const double before = cpu_seconds();
  const auto clock_before = std::chrono::steady_clock::now();
  const Time begun = world.now();
  for (NodeIndex node = 2; node < world.size(); ++node) world.command(node, "DOWN film");
  for (NodeIndex waited = 2; waited < world.size();) {
    world.run_until(world.now() + std::chrono::milliseconds(100));
    while (waited < world.size() && has_file(world, waited)) ++waited;
  }
  const double spent = cpu_seconds() - before;
  const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - clock_before;
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const sim::StreamCounters& streams = world.stream_counters();
  const sim::WorldCounters& counters = world.counters();
  const std::uint64_t segments = streams.segments + streams.acknowledgements;
  const std::uint64_t messages = streams.messages + counters.delivered.datagrams;
  const auto each = [spent](std::uint64_t events) { return spent * 1e6 / static_cast<double>(events); };
  const auto count = [](std::uint64_t value) { return static_cast<unsigned long long>(value); };
  std::printf(
      "{\"peers\": %u, \"bytes\": %llu, \"simulated_seconds\": %.1f, \"pieces\": %llu, \"segments\": %llu, "
      "\"messages\": %llu, \"steps\": %llu, \"threads\": %zu, \"seconds\": %.2f, \"cpu_seconds\": %.2f, "
      "\"microseconds_per_segment\": %.3f, "
      "\"microseconds_per_segment_or_message\": %.3f, \"max_rss_bytes\": %lld, \"digest\": \"%016llx\"}\n",
      peers, count(size), static_cast<double>((world.now() - begun).count()) * 1e-9, count(peers * (size >> 20)),
      count(segments), count(messages), count(counters.events), threads, passed.count(), spent, each(segments),
      each(segments + messages), static_cast<long long>(usage.ru_maxrss) * 1024, count(world.digest()));
}
