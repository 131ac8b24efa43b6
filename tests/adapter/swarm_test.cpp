// The swarm's nodes, unchanged, over real datagrams, streams and files on loopback.

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>

#include "protocols/environment/random.h"
#include "protocols/swarm/base/trace.h"
#include "protocols/swarm/peer.h"
#include "protocols/swarm/trackers/tracker.h"
#include "tests/adapter/journal.h"
#include "tests/adapter/keys.h"
#include "tests/catch.h"

namespace peerbed::adapter {

namespace {

using namespace std::chrono_literals;
using swarm::Peer;
using swarm::Tracker;

void make_file(const std::filesystem::path& path, std::size_t size, std::uint64_t seed) {
  std::string bytes(size, '\0');
  KeyedStream stream(seed);
  for (std::size_t i = 0; i + 8 <= size; i += 8) {
    const std::uint64_t word = stream.next();
    std::memcpy(bytes.data() + i, &word, 8);
  }
  std::ofstream(path, std::ios::binary) << bytes;
}

// A tracker and peers on loopback, each with its own directory.
class LoopbackSwarm {
 public:
  LoopbackSwarm(std::size_t peers, const swarm::Options& options, std::shared_ptr<const ClusterKey> key = nullptr)
      : host_(HostOptions{.seed = 1, .key = std::move(key)}) {
    host_.observe(&journal);
    const auto shared = std::make_shared<const swarm::Options>(options);
    tracker_ = &host_.add<Tracker>({}, [shared](Address) { return Tracker(shared); });
    tracker_->start();
    const Address tracker = tracker_->address();
    for (std::size_t i = 0; i < peers; ++i) {
      NodeOptions node_options;
      node_options.content.directory = directory(i);
      peers_.push_back(
          &host_.add<Peer>(node_options, [=](Address) { return Peer::make(shared, std::span(&tracker, 1)); }));
      peers_.back()->start();
    }
  }

  Host& host() noexcept { return host_; }
  HostedNodeOf<Peer>& peer(std::size_t i) { return *peers_[i]; }
  HostedNodeOf<Tracker>& tracker() { return *tracker_; }
  NodeIndex index(std::size_t i) const { return peers_[i]->index(); }
  std::filesystem::path directory(std::size_t i) const { return root_.path() / std::to_string(i); }
  bool is_complete(std::size_t i, std::string_view name) const {
    const swarm::SharedFile* file = peers_[i]->node().file(name);
    return file != nullptr && file->state == swarm::SharedFile::State::complete;
  }
  bool is_exported(std::size_t i, const std::string& name) const {
    return std::filesystem::is_regular_file(directory(i) / name);
  }

  Journal journal;

 private:
  TemporaryDirectory root_;
  Host host_;
  HostedNodeOf<Tracker>* tracker_ = nullptr;
  std::vector<HostedNodeOf<Peer>*> peers_;
};

// Reports each verified piece as one byte on a pipe.
class PieceReporter : public Observer {
 public:
  explicit PieceReporter(int pipe) : pipe_(pipe) {}
  void on_trace(Time, NodeIndex, std::uint16_t type, const TraceValues&) override {
    if (type == swarm::index_of(swarm::TraceEvent::piece_verified)) [[maybe_unused]]
      const ssize_t written = ::write(pipe_, "p", 1);
  }

 private:
  int pipe_;
};

// Runs in its own process: fetches a file slowly and reports each piece, until it is killed.
[[noreturn]] void fetch_until_killed(const NodeOptions& node_options, int tracker_from, int report_to) {
  Address tracker;
  if (::read(tracker_from, &tracker, sizeof tracker) != sizeof tracker) std::_Exit(1);
  PieceReporter reporter(report_to);
  Host host;
  host.observe(&reporter);
  swarm::Options options;
  options.download_limit = 80'000'000;
  const auto shared = std::make_shared<const swarm::Options>(options);
  auto& peer = host.add<Peer>(node_options, [&](Address) { return Peer::make(shared, std::span(&tracker, 1)); });
  peer.start();
  peer.command("DOWN big.bin");
  host.run();
  std::_Exit(0);
}

// Three peers fetch from the one that has the file, and from one another.
void check_that_a_file_spreads(std::size_t size, std::shared_ptr<const ClusterKey> key) {
  LoopbackSwarm swarm(4, {}, std::move(key));
  make_file(swarm.directory(0) / "big.bin", size, 7);
  REQUIRE(swarm.host().run_until([&] { return swarm.tracker().node().peers() == 4; }, 5s));
  swarm.peer(0).command("ADD big.bin");
  REQUIRE(swarm.host().run_until([&] { return swarm.is_complete(0, "big.bin"); }, 10s));
  swarm.peer(1).command("GET");
  REQUIRE(swarm.host().run_until([&] { return swarm.journal.has_line(swarm.index(1), "big.bin"); }, 5s));
  for (std::size_t i = 1; i < 4; ++i) swarm.peer(i).command("DOWN big.bin");
  REQUIRE(swarm.host().run_until(
      [&] {
        return swarm.is_exported(1, "big.bin") && swarm.is_exported(2, "big.bin") && swarm.is_exported(3, "big.bin");
      },
      30s));
  const std::string original = text_of(swarm.directory(0) / "big.bin");
  for (std::size_t i = 1; i < 4; ++i) CHECK((text_of(swarm.directory(i) / "big.bin") == original));
  CHECK(swarm.journal.count(swarm::index_of(swarm::TraceEvent::piece_rejected)) == 0);
  CHECK(swarm.peer(1).node().uploaded() + swarm.peer(2).node().uploaded() + swarm.peer(3).node().uploaded() > 0);
}

}  // namespace

TEST_CASE("a peer that is killed in the middle of a download continues with all pieces that it had verified") {
  TemporaryDirectory root;
  NodeOptions node_options;
  node_options.content.directory = root.path();
  int to_child[2];
  int from_child[2];
  REQUIRE(::pipe(to_child) == 0);
  REQUIRE(::pipe(from_child) == 0);
  const pid_t child = ::fork();
  if (child == 0) fetch_until_killed(node_options, to_child[0], from_child[1]);
  ::close(from_child[1]);

  LoopbackSwarm swarm(1, {});
  make_file(swarm.directory(0) / "big.bin", 16 * 1024 * 1024, 7);
  swarm.peer(0).command("ADD big.bin");
  REQUIRE(swarm.host().run_until([&] { return swarm.is_complete(0, "big.bin"); }, 10s));
  const Address tracker = swarm.tracker().address();
  REQUIRE(::write(to_child[1], &tracker, sizeof tracker) == sizeof tracker);
  std::size_t verified = 0;
  char reports[64];
  ::fcntl(from_child[0], F_SETFL, O_NONBLOCK);
  const auto count_reports = [&] {
    for (ssize_t got = 0; (got = ::read(from_child[0], reports, sizeof reports)) > 0;)
      verified += static_cast<std::size_t>(got);
    return verified;
  };
  const bool begun = swarm.host().run_until([&] { return count_reports() >= 5; }, 20s);
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  REQUIRE(begun);
  REQUIRE(count_reports() < 16);
  CHECK_FALSE(std::filesystem::exists(root.path() / "big.bin"));

  const auto options = std::make_shared<const swarm::Options>();
  auto& peer =
      swarm.host().add<Peer>(node_options, [&](Address) { return Peer::make(options, std::span(&tracker, 1)); });
  peer.start();
  REQUIRE(swarm.host().run_until([&] { return std::filesystem::is_regular_file(root.path() / "big.bin"); }, 20s));
  CHECK((text_of(root.path() / "big.bin") == text_of(swarm.directory(0) / "big.bin")));
  const auto resumed = std::find_if(swarm.journal.entries.begin(), swarm.journal.entries.end(), [&](const auto& entry) {
    return entry.node == peer.index() && entry.type == swarm::index_of(swarm::TraceEvent::download_resumed);
  });
  REQUIRE(resumed != swarm.journal.entries.end());
  CHECK(resumed->values[1] + 1 >= verified);  // one may have been reported but not recorded yet
}

TEST_CASE("peers add, list and fetch a file of 64 MiB from several others on loopback") {
  check_that_a_file_spreads(64 * 1024 * 1024, nullptr);
}

TEST_CASE("peers with a key fetch a file from several others on loopback") {
  check_that_a_file_spreads(16 * 1024 * 1024 + 12'345, cluster_key('k'));
}

}  // namespace peerbed::adapter
