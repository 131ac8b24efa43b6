// bench_sockets swarm MIB [BLOCK_KIB [PIECE_KIB]]: a peer fetches a file from another one over loopback, each with its
// own host and thread, from one directory in memory to another, with every byte hashed. bench_sockets ring NODES
// SECONDS [UNDER_WAY]: the nodes of one process look up random keys over loopback, each with UNDER_WAY lookups at once.
// Each prints one JSON line. With a last word `sealed`, they use a cluster key.

#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

#include "adapter/host.h"
#include "protocols/environment/random.h"
#include "protocols/ring/base/trace.h"
#include "protocols/ring/node.h"
#include "protocols/swarm/base/trace.h"
#include "protocols/swarm/peer.h"
#include "protocols/swarm/trackers/tracker.h"

namespace {

using namespace peerbed;
using namespace peerbed::adapter;
using namespace std::chrono_literals;

using Key = std::shared_ptr<const ClusterKey>;

double seconds_between(EventLoop::Clock::time_point begin, EventLoop::Clock::time_point end) {
  return std::chrono::duration<double>(end - begin).count();
}

double processor_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

// ---------------------------------------------------------------------------------------------------------------------

void make_file(const std::filesystem::path& path, std::uint64_t mebibytes) {
  std::filesystem::create_directories(path.parent_path());
  std::ofstream file(path, std::ios::binary);
  std::string block(1 << 20, '\0');
  KeyedStream draws(7);
  for (std::uint64_t i = 0; i < mebibytes; ++i) {
    for (std::size_t at = 0; at < block.size(); at += 8) {
      const std::uint64_t word = draws.next();
      std::copy_n(reinterpret_cast<const char*>(&word), 8, block.data() + at);
    }
    file << block;
  }
}

// Waits for one line from one node.
class LineWatch : public Observer {
 public:
  void on_line(Time, NodeIndex, std::string_view line) override {
    if (line.find(part) != std::string_view::npos) seen = true;
  }
  std::string part;
  std::atomic<bool> seen = false;
};

int bench_swarm(const Key& key, std::uint64_t mebibytes, std::uint32_t block_kib, std::uint32_t piece_kib) {
  const std::filesystem::path root =
      std::filesystem::path("/dev/shm") / ("peerbed-bench-" + std::to_string(::getpid()));
  make_file(root / "source" / "file", mebibytes);
  swarm::Options options;
  options.block_size = block_kib * 1024;
  options.piece_size = piece_kib * 1024;
  const auto shared = std::make_shared<const swarm::Options>(options);

  LineWatch offered;
  offered.part = "is offered";
  LineWatch here;
  here.part = "is here";
  Host source(HostOptions{.seed = 1, .key = key});
  Host sink(HostOptions{.seed = 2, .key = key});
  source.observe(&offered);
  sink.observe(&here);
  auto& tracker = source.add<swarm::Tracker>({}, [&](Address) { return swarm::Tracker(shared); });
  const Address trackers[] = {tracker.address()};
  const auto make_peer = [&](Address) { return swarm::Peer::make(shared, trackers); };
  NodeOptions node_options;
  node_options.content.directory = root / "source";
  auto& seed = source.add<swarm::Peer>(node_options, make_peer);
  node_options.content.directory = root / "sink";
  auto& fetcher = sink.add<swarm::Peer>(node_options, make_peer);
  tracker.start();
  seed.start();
  fetcher.start();
  std::thread driver([&] { source.run(); });
  source.post([&] { seed.command("ADD file"); });
  while (!offered.seen) std::this_thread::sleep_for(10ms);
  const bool joined = sink.run_until([&] { return fetcher.node().list().size() > 0; }, 10s);

  const auto begun = EventLoop::Clock::now();
  const double processor_before = processor_seconds();
  fetcher.command("DOWN file");
  const bool fetched = sink.run_until([&] { return here.seen.load(); }, 120s);
  const auto verified = EventLoop::Clock::now();
  const double processor = processor_seconds() - processor_before;
  const bool exported = sink.run_until([&] { return std::filesystem::is_regular_file(root / "sink" / "file"); }, 30s);
  const auto named = EventLoop::Clock::now();
  source.stop();
  driver.join();
  std::filesystem::remove_all(root);
  const double bytes = static_cast<double>(mebibytes) * 1048576;
  std::printf(
      "{\"bench\":\"sockets\",\"mebibytes\":%llu,\"block_kib\":%u,\"piece_kib\":%u,\"seconds\":%.3f,"
      "\"gigabytes_per_second\":%.3f,\"seconds_to_final_name\":%.3f,\"processor_seconds_per_gigabyte\":%.3f}\n",
      static_cast<unsigned long long>(mebibytes), block_kib, piece_kib, seconds_between(begun, verified),
      bytes / 1e9 / seconds_between(begun, verified), seconds_between(begun, named), processor / (bytes / 1e9));
  return joined && fetched && exported ? 0 : 1;
}

// ---------------------------------------------------------------------------------------------------------------------

// Starts a lookup on a node whenever one has ended.
class LookupLoad : public Observer {
 public:
  explicit LookupLoad(Host& host) : host_(host) {}
  void on_trace(Time, NodeIndex node, std::uint16_t type, const TraceValues& values) override {
    if (type != ring::index_of(ring::TraceEvent::lookup_done)) return;
    ++done;
    succeeded += values[3];
    hops += values[0];
    latencies.push_back(values[1]);
    finished.push_back(node);
  }
  void look_up(NodeIndex node) { host_.process(node).command("lookup " + std::to_string(draws_.next())); }
  void refill() {
    std::vector<NodeIndex> nodes;
    nodes.swap(finished);
    for (const NodeIndex node : nodes) look_up(node);
  }

  std::uint64_t done = 0;
  std::uint64_t succeeded = 0;
  std::uint64_t hops = 0;
  std::vector<std::uint64_t> latencies;
  std::vector<NodeIndex> finished;

 private:
  Host& host_;
  KeyedStream draws_{11};
};

int bench_ring(const Key& key, std::size_t count, int seconds, int under_way) {
  Host host(HostOptions{.seed = 1, .key = key});
  LookupLoad load(host);
  const auto options = std::make_shared<const ring::Options>();
  std::vector<ring::Contact> members;
  std::vector<HostedNodeOf<ring::Node>*> nodes;
  for (std::size_t i = 0; i < count; ++i) {
    nodes.push_back(&host.add<ring::Node>({}, [&, options](Address self) {
      const auto found = std::find_if(members.begin(), members.end(),
                                      [self](const ring::Contact& member) { return member.address == self; });
      return ring::Node::converged(options, members, static_cast<std::size_t>(found - members.begin()));
    }));
    members.push_back({ring::Key{key_of(1, i)}, nodes.back()->address()});
  }
  std::sort(members.begin(), members.end());
  host.observe(&load);
  for (auto* node : nodes) node->start();
  for (int i = 0; i < under_way; ++i)
    for (NodeIndex node = 0; node < count; ++node) load.look_up(node);

  const auto begun = EventLoop::Clock::now();
  const double processor_before = processor_seconds();
  const auto end = begun + std::chrono::seconds(seconds);
  host.run_until(
      [&] {
        load.refill();
        return EventLoop::Clock::now() >= end;
      },
      std::chrono::seconds(seconds + 1));
  const double taken = seconds_between(begun, EventLoop::Clock::now());
  const double processor = processor_seconds() - processor_before;
  std::sort(load.latencies.begin(), load.latencies.end());
  const auto percentile = [&](double share) {
    if (load.latencies.empty()) return 0.0;
    return static_cast<double>(
               load.latencies[static_cast<std::size_t>(share * static_cast<double>(load.latencies.size() - 1))]) /
           1e6;
  };
  const auto done = static_cast<double>(load.done);
  std::printf(
      "{\"bench\":\"ring_sockets\",\"nodes\":%zu,\"under_way\":%d,\"lookups_per_second\":%.0f,"
      "\"lookups_per_processor_second\":%.0f,\"success\":%.6f,\"hops\":%.3f,\"datagrams_per_lookup\":%.2f,"
      "\"p50_ms\":%.3f,\"p99_ms\":%.3f}\n",
      count, under_way, done / taken, done / processor, static_cast<double>(load.succeeded) / done,
      static_cast<double>(load.hops) / done, static_cast<double>(host.counters().sent.datagrams) / done,
      percentile(0.5), percentile(0.99));
  return load.done > 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  Key key;
  if (argc > 1 && std::string(argv[argc - 1]) == "sealed") {
    ClusterKey::Secret secret;
    secret.fill(std::byte{1});
    key = std::make_shared<const ClusterKey>(secret);
    --argc;
  }
  const auto number = [&](int index, int otherwise) { return argc > index ? std::atoi(argv[index]) : otherwise; };
  const std::string what = argc > 1 ? argv[1] : "swarm";
  if (what == "ring") return bench_ring(key, static_cast<std::size_t>(number(2, 64)), number(3, 3), number(4, 4));
  return bench_swarm(key, static_cast<std::uint64_t>(number(2, 1024)), static_cast<std::uint32_t>(number(3, 256)),
                     static_cast<std::uint32_t>(number(4, 1024)));
}
