// Many downloaders of one file: what they have, they give to each other.

#include <algorithm>

#include "tests/catch.h"
#include "tests/swarm/swarm_world.h"

using namespace peerbed;
using namespace peerbed::swarm;
using namespace std::chrono_literals;

namespace {

constexpr std::uint64_t mebibyte = 1024 * 1024;
constexpr std::uint64_t pace = 10'000'000;  // bytes a second

// Peer 0 has the file; all others fetch it at once. Each can send at `pace`.
SwarmWorld distribution(std::size_t downloaders, std::uint64_t size, const Options& options = {}) {
  SwarmWorld swarm(options, {.peers = downloaders + 1});
  swarm.start_all();
  for (std::size_t i = 0; i <= downloaders; ++i) swarm.set_upload(i, pace);
  swarm.give(0, "file", size);
  swarm.run_for(2s);
  for (std::size_t i = 1; i <= downloaders; ++i) swarm.command(i, "DOWN file");
  return swarm;
}

bool all_done(const SwarmWorld& swarm, std::size_t downloaders) {
  for (std::size_t i = 1; i <= downloaders; ++i)
    if (!swarm.is_complete(i, "file")) return false;
  return true;
}

// Whether each piece is verified at some downloader.
bool all_out(const SwarmWorld& swarm, std::size_t downloaders, std::size_t pieces) {
  Bitfield seen(pieces);
  for (std::size_t i = 1; i <= downloaders; ++i) {
    const SharedFile* file = swarm.peer_node(i).file("file");
    if (file == nullptr || !file->has_manifest()) continue;
    for (std::size_t piece = 0; piece < pieces; ++piece)
      if (file->map.verified().test(piece)) seen.set(piece);
  }
  return seen.full();
}

// Seconds until all had the file.
double distribute(SwarmWorld& swarm, std::size_t downloaders) {
  const Time begun = swarm.world().now();
  REQUIRE(swarm.run_until([&] { return all_done(swarm, downloaders); }, 600s));
  return static_cast<double>((swarm.world().now() - begun).count()) * 1e-9;
}

}  // namespace

TEST_CASE("one source feeds many downloaders in little more than the time of one") {
  Options options;
  options.piece_size = 256 * 1024;
  const std::size_t downloaders = GENERATE(1, 2, 4, 8, 32);
  SwarmWorld swarm = distribution(downloaders, 512 * mebibyte, options);
  const double taken = distribute(swarm, downloaders);
  const double bound = 512.0 * mebibyte / pace;  // Kumar and Ross 2006: the source has to send everything once
  CAPTURE(downloaders, taken, bound);
  CHECK(taken >= bound);
  CHECK(bound / taken >= 0.9);
}

TEST_CASE("the source sends each piece hardly more than once before all pieces are out") {
  Options options;
  options.piece_size = 256 * 1024;
  SwarmWorld swarm = distribution(16, 128 * mebibyte, options);
  REQUIRE(swarm.run_until([&] { return all_out(swarm, 16, 512); }, 100s));
  CHECK(swarm.peer_node(0).uploaded() <= 128 * mebibyte * 115 / 100);
}

TEST_CASE("in every mode of choking all get the whole file") {
  Options options;
  options.piece_size = 256 * 1024;
  options.choking = GENERATE(Choking::tit_for_tat, Choking::rotation, Choking::plain);
  SwarmWorld swarm = distribution(12, 48 * mebibyte, options);
  CHECK(distribute(swarm, 12) <= 15);
  for (std::size_t i = 1; i <= 12; ++i) CHECK(swarm.peer_node(i).file("file")->map.complete());
}

TEST_CASE("a source that leaves once every piece is out is not missed") {
  SwarmWorld swarm = distribution(10, 64 * mebibyte);
  REQUIRE(swarm.run_until([&] { return all_out(swarm, 10, 64); }, 60s));
  REQUIRE_FALSE(all_done(swarm, 10));
  swarm.world().leave(swarm.peer(0));
  CHECK(swarm.run_until([&] { return all_done(swarm, 10); }, 60s));
}

TEST_CASE("whoever gives nothing gets less than those who give") {
  // No seed that is rich enough to feed all: the free rider lives on what the others owe it, which is nothing.
  Options options;
  options.piece_size = 256 * 1024;
  options.choke_period = 2s;
  SwarmWorld swarm(options, {.peers = 13});
  swarm.start_all();
  for (std::size_t i = 0; i < 13; ++i) swarm.set_upload(i, pace / 5);
  swarm.set_upload(12, 20'000);
  swarm.give(0, "file", 64 * mebibyte);
  swarm.run_for(2s);
  for (std::size_t i = 1; i < 13; ++i) swarm.command(i, "DOWN file");
  const auto givers_done = [&] {
    for (std::size_t i = 1; i < 12; ++i)
      if (!swarm.is_complete(i, "file")) return false;
    return true;
  };
  REQUIRE(swarm.run_until(givers_done, 200s));
  const std::uint64_t got = swarm.peer_node(12).downloaded();
  CAPTURE(got);
  CHECK(got < 64 * mebibyte * 8 / 10);
  CHECK(swarm.run_until([&] { return swarm.is_complete(12, "file"); }, 200s));
}

TEST_CASE("a peer that joins late gets the file from those who came before, though the source is gone") {
  SwarmWorld swarm = distribution(4, 32 * mebibyte);
  distribute(swarm, 4);
  swarm.world().crash(swarm.peer(0), Disk::wipe);
  swarm.world().start(swarm.peer(0));
  swarm.run_for(2s);
  swarm.command(0, "DOWN file");
  CHECK(swarm.run_until([&] { return swarm.is_complete(0, "file"); }, 30s));
}

TEST_CASE("a run is the same each time, and its state can be told by a digest") {
  const auto run = [] {
    SwarmWorld swarm = distribution(6, 16 * mebibyte);
    swarm.run_for(1500ms);
    return std::pair(swarm.world().digest(), swarm.world().state_digest());
  };
  CHECK(run() == run());
}

TEST_CASE("a copy of the world goes on as the original does") {
  SwarmWorld swarm = distribution(6, 16 * mebibyte);
  swarm.run_for(800ms);
  sim::World copy = swarm.world();
  swarm.run_for(1s);
  copy.run_until(swarm.world().now());
  CHECK(copy.digest() == swarm.world().digest());
  CHECK(copy.state_digest() == swarm.world().state_digest());
}
