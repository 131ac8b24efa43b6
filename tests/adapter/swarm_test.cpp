// The swarm's nodes, unchanged, over real datagrams, streams and files on loopback.

#include <fstream>

#include "protocols/environment/random.h"
#include "protocols/swarm/peer.h"
#include "protocols/swarm/trace.h"
#include "protocols/swarm/tracker.h"
#include "tests/adapter/journal.h"
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

// A tracker and peers on loopback, each with a directory of its own.
class LoopbackSwarm {
 public:
  LoopbackSwarm(std::size_t peers, const swarm::Options& options) : host_(HostOptions{.seed = 1}) {
    host_.observe(&journal);
    const auto shared = std::make_shared<const swarm::Options>(options);
    tracker_ = &host_.add<Tracker>({}, [shared](Address) { return Tracker(shared); });
    tracker_->start();
    const Address tracker = tracker_->address();
    for (std::size_t i = 0; i < peers; ++i) {
      NodeOptions place;
      place.content.directory = directory(i);
      peers_.push_back(&host_.add<Peer>(place, [=](Address) { return Peer::make(shared, std::span(&tracker, 1)); }));
      peers_.back()->start();
    }
  }

  Host& host() noexcept { return host_; }
  Hosted<Peer>& peer(std::size_t i) { return *peers_[i]; }
  Hosted<Tracker>& tracker() { return *tracker_; }
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
  Hosted<Tracker>* tracker_ = nullptr;
  std::vector<Hosted<Peer>*> peers_;
};

}  // namespace

TEST_CASE("peers add and list and fetch a file of 64 MiB from several others on loopback") {
  LoopbackSwarm swarm(4, {});
  make_file(swarm.directory(0) / "big.bin", 64 * 1024 * 1024, 7);
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

}  // namespace peerbed::adapter
