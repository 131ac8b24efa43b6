// Downloads among sources that die, stop, lie or come back, and downloaders that do. Compared with what is possible,
// and with other programs (docs/swarm.md).

#include <map>
#include <set>

#include "tests/catch.h"
#include "tests/swarm/swarm_world.h"

using namespace peerbed;
using namespace peerbed::swarm;
using namespace std::chrono_literals;

namespace {

constexpr std::uint64_t mebibyte = 1024 * 1024;
constexpr std::uint64_t pace = 10'000'000;  // bytes per second that a source sends

// `sources` peers that have the file, followed by one that wants it.
SwarmWorld world_with(std::size_t sources, std::uint64_t size, const Options& options = {}) {
  SwarmWorld swarm(options, {.peers = sources + 1});
  swarm.start_all();
  for (std::size_t i = 0; i < sources; ++i) {
    swarm.set_upload(i, pace);
    swarm.give(i, "file", size);
  }
  swarm.run_for(2s);
  return swarm;
}

// How much of the file is verified, in pieces of a MiB.
std::size_t verified(const SwarmWorld& swarm, std::size_t peer) {
  const SharedFile* file = swarm.peer_node(peer).file("file");
  return file == nullptr ? 0 : file->map.verified_count();
}

// Whether a peer no longer considers another one a source of the file.
bool has_banned(const SwarmWorld& swarm, std::size_t peer, std::size_t other, std::string_view name = "file") {
  const Peer& node = swarm.peer_node(peer);
  return node.has_banned(sim::address_of(swarm.peer(other)), node.file(name)->root);
}

double seconds(Duration duration) { return static_cast<double>(duration.count()) * 1e-9; }

std::uint64_t field(SwarmWorld& swarm, TraceEvent event, std::size_t index) {
  REQUIRE(swarm.journal().count(event) == 1);
  return swarm.journal().of(event)[0].values[index];
}

}  // namespace

TEST_CASE("the ranges of a source that dies, stops or is cut off go to the others at once") {
  const int how = GENERATE(0, 1, 2);
  SwarmWorld swarm = world_with(4, 256 * mebibyte);
  swarm.command(4, "DOWN file");
  REQUIRE(swarm.run_until([&] { return verified(swarm, 4) >= 128; }, 60s));
  const Time struck = swarm.world().now();
  const NodeIndex victim = swarm.peer(0);
  const NodeIndex wanting = swarm.peer(4);
  if (how == 0) swarm.world().crash(victim, Disk::keep);
  if (how == 1) swarm.world().pause(victim);
  if (how == 2)
    swarm.world().network().partition("cut", sim::NodeSet(std::span(&victim, 1)), sim::NodeSet(std::span(&wanting, 1)),
                                      false);
  REQUIRE(swarm.run_until([&] { return swarm.is_complete(4, "file"); }, 60s));
  const double ideal = 128.0 * mebibyte / (3 * pace);
  CAPTURE(how, ideal);
  CHECK(seconds(swarm.world().now() - struck) <= 1.03 * ideal);
  CHECK(field(swarm, TraceEvent::download_done, 2) <= mebibyte);
}

TEST_CASE("sources that crash one after another leave the last one to finish") {
  SwarmWorld swarm = world_with(5, 128 * mebibyte);
  swarm.command(5, "DOWN file");
  for (std::size_t i = 0; i < 4; ++i) {
    REQUIRE(swarm.run_until([&] { return verified(swarm, 5) >= 20 * (i + 1); }, 60s));
    swarm.world().crash(swarm.peer(i), Disk::wipe);
  }
  REQUIRE(swarm.run_until([&] { return swarm.is_complete(5, "file"); }, 60s));
  CHECK(field(swarm, TraceEvent::download_done, 2) <= 2 * mebibyte);
}

TEST_CASE("a source that sends only wrong bytes is identified by its first piece, and little is discarded") {
  SwarmWorld swarm = world_with(4, 256 * mebibyte);
  const Time begun = swarm.world().now();
  swarm.command(4, "DOWN file");
  swarm.run_for(50ms);  // a liar's datagrams are damaged too: nobody would ask it
  swarm.world().set_lying(swarm.peer(1), 1);
  REQUIRE(swarm.run_until([&] { return swarm.is_complete(4, "file"); }, 120s));
  CHECK(seconds(swarm.world().now() - begun) <= 1.05 * 256.0 * mebibyte / (3 * pace));
  CHECK(has_banned(swarm, 4, 1));
  CHECK(swarm.journal().count(TraceEvent::source_banned) == 1);
  CHECK(field(swarm, TraceEvent::download_done, 2) <= 256 * mebibyte / 100);
}

TEST_CASE("a source that lies occasionally is found out, and nobody else is blamed") {
  SwarmWorld swarm = world_with(3, 128 * mebibyte);
  swarm.world().set_lying(swarm.peer(2), 0.02);
  swarm.command(3, "DOWN file");
  REQUIRE(swarm.run_until([&] { return swarm.is_complete(3, "file"); }, 120s));
  CHECK(has_banned(swarm, 3, 2));
  CHECK(swarm.journal().count(TraceEvent::source_banned) == 1);
}

TEST_CASE("a source whose file changed on its disk is blamed for that file alone") {
  SwarmWorld swarm({}, {.peers = 3});
  swarm.start_all();
  for (std::size_t i = 0; i < 2; ++i) swarm.give(i, "film", 8 * mebibyte);
  swarm.give(0, "song", 4 * mebibyte, 9);
  swarm.run_for(2s);
  swarm.command(2, "DOWN film");
  swarm.run_for(50ms);
  swarm.world().set_lying(swarm.peer(0), 1);
  REQUIRE(swarm.run_until([&] { return swarm.is_complete(2, "film"); }, 60s));
  REQUIRE(has_banned(swarm, 2, 0, "film"));
  swarm.world().set_lying(swarm.peer(0), 0);
  swarm.command(2, "DOWN song");
  CHECK(swarm.run_until([&] { return swarm.is_complete(2, "song"); }, 60s));
  CHECK_FALSE(has_banned(swarm, 2, 0, "song"));
}

TEST_CASE("a file comes from far away, in turn for more peers than there are slots") {
  Options options;
  options.piece_size = 64 * 1024;
  options.block_size = 64 * 1024;
  options.upload_slots = 1;
  options.choking = GENERATE(Choking::tit_for_tat, Choking::rotation);
  SwarmWorld swarm(options, {.peers = 6, .latency = 400ms});
  swarm.start_all();
  swarm.give(0, "file", 1024 * 1024);
  swarm.run_for(10s);
  for (std::size_t i = 1; i < 6; ++i) swarm.command(i, "DOWN file");
  swarm.run_for(200s);
  for (std::size_t i = 1; i < 6; ++i) CHECK(swarm.is_complete(i, "file"));
}

TEST_CASE("a downloader that is paused for longer than its patience goes on afterwards") {
  Options options;
  options.give_up = 5s;
  SwarmWorld swarm = world_with(1, 64 * mebibyte, options);
  swarm.command(1, "DOWN file");
  REQUIRE(swarm.run_until([&] { return verified(swarm, 1) >= 10; }, 60s));
  swarm.world().pause(swarm.peer(1));
  swarm.run_for(20s);
  swarm.world().resume(swarm.peer(1));
  CHECK(swarm.run_until([&] { return swarm.is_complete(1, "file"); }, 60s));
  CHECK(swarm.journal().count(TraceEvent::download_failed) == 0);
}

TEST_CASE("a download goes on when the clock of its host is set back or forward for longer than its patience") {
  Options options;
  options.give_up = 5s;
  SwarmWorld swarm = world_with(1, 64 * mebibyte, options);
  swarm.command(1, "DOWN file");
  for (const Duration offset : {-20s, 0s, 20s, 0s}) {
    const std::size_t before = verified(swarm, 1);
    REQUIRE(swarm.run_until([&] { return verified(swarm, 1) >= before + 5; }, 60s));
    swarm.world().set_clock(swarm.peer(1), offset, 0);
  }
  CHECK(swarm.run_until([&] { return swarm.is_complete(1, "file"); }, 60s));
  CHECK(swarm.journal().count(TraceEvent::download_failed) == 0);
}

TEST_CASE("if all sources lie the download fails and says so") {
  Options options;
  options.give_up = 5s;
  SwarmWorld swarm = world_with(2, 16 * mebibyte, options);
  swarm.command(2, "DOWN file");
  swarm.run_for(50ms);
  swarm.world().set_lying(swarm.peer(0), 1);
  swarm.world().set_lying(swarm.peer(1), 1);
  swarm.run_for(20s);
  CHECK(swarm.journal().count(TraceEvent::download_failed) == 1);
  CHECK(swarm.journal().has_line(swarm.peer(2), "DOWN file failed"));
  CHECK(verified(swarm, 2) == 0);
}

TEST_CASE("the only source dies and is back after some seconds: the download stalls hardly longer than that") {
  SwarmWorld swarm = world_with(1, 128 * mebibyte);
  swarm.command(1, "DOWN file");
  REQUIRE(swarm.run_until([&] { return verified(swarm, 1) >= 40; }, 60s));
  const Duration away = GENERATE(5000, 5250, 5500, 5750) * 1ms;  // at other phases of the downloader's retries
  swarm.world().crash(swarm.peer(0), Disk::keep);
  swarm.run_for(away);
  swarm.world().start(swarm.peer(0));
  REQUIRE(swarm.run_until([&] { return swarm.is_complete(1, "file"); }, 60s));
  const double stall = static_cast<double>(field(swarm, TraceEvent::download_done, 3)) * 1e-9;
  CAPTURE(away.count());
  CHECK(stall >= seconds(away));
  CHECK(stall <= seconds(away) + 0.4);
}

TEST_CASE("when all sources are gone the download fails after the given time, and goes on when it is asked for again") {
  Options options;
  options.give_up = 6s;
  SwarmWorld swarm = world_with(2, 64 * mebibyte, options);
  swarm.command(2, "DOWN file");
  REQUIRE(swarm.run_until([&] { return verified(swarm, 2) >= 30; }, 60s));
  swarm.world().crash(swarm.peer(0), Disk::keep);
  swarm.world().crash(swarm.peer(1), Disk::keep);
  swarm.run_for(20s);
  CHECK(swarm.journal().has_line(swarm.peer(2), "DOWN file failed: nobody has what is missing"));
  CHECK(swarm.journal().count(TraceEvent::download_failed) == 1);
  swarm.world().start(swarm.peer(0));
  swarm.run_for(1s);
  swarm.command(2, "DOWN file");
  REQUIRE(swarm.run_until([&] { return swarm.is_complete(2, "file"); }, 60s));
  CHECK(swarm.peer_node(2).downloaded() <= 64 * mebibyte + 4 * mebibyte);
}

TEST_CASE("an interrupted download continues with the pieces that were verified") {
  SwarmWorld swarm = world_with(2, 64 * mebibyte);
  swarm.command(2, "DOWN file");
  REQUIRE(swarm.run_until([&] { return verified(swarm, 2) >= 40; }, 60s));
  swarm.world().crash(swarm.peer(2), Disk::keep);
  swarm.run_for(1s);
  swarm.world().start(swarm.peer(2));
  REQUIRE(swarm.run_until([&] { return swarm.is_complete(2, "file"); }, 60s));
  CHECK(field(swarm, TraceEvent::download_resumed, 1) >= 39);
  CHECK(swarm.peer_node(2).downloaded() <= 26 * mebibyte);  // of the second process
}

TEST_CASE("who is told at its start what it was told before goes on from what its disk holds") {
  SwarmWorld swarm = world_with(1, 64 * mebibyte);
  swarm.command(1, "DOWN file");
  REQUIRE(swarm.run_until([&] { return verified(swarm, 1) >= 40; }, 60s));
  for (const std::size_t peer : {0U, 1U}) swarm.world().crash(swarm.peer(peer), Disk::keep);
  swarm.run_for(1s);
  for (const std::size_t peer : {0U, 1U}) swarm.world().start(swarm.peer(peer));
  swarm.command(0, "ADD file");
  swarm.command(1, "DOWN file");
  REQUIRE(swarm.run_until([&] { return swarm.is_complete(1, "file"); }, 60s));
  CHECK(swarm.journal().has_line(swarm.peer(0), "file is here already"));
  CHECK(swarm.journal().has_line(swarm.peer(1), "file is on its way"));
  CHECK(swarm.peer_node(1).files().size() == 1);
  CHECK(swarm.peer_node(1).downloaded() <= 26 * mebibyte);  // of the second process
}

TEST_CASE("what changed on the disk while a peer was down is not believed") {
  SwarmWorld swarm = world_with(1, 8 * mebibyte);
  swarm.command(1, "DOWN file");
  REQUIRE(swarm.run_until([&] { return swarm.is_complete(1, "file"); }, 60s));
  swarm.run_for(1s);
  swarm.world().crash(swarm.peer(1), Disk::keep);
  swarm.world().start(swarm.peer(1));
  swarm.run_for(2s);
  CHECK(swarm.is_complete(1, "file"));
  swarm.world().crash(swarm.peer(1), Disk::wipe);
  swarm.world().start(swarm.peer(1));
  swarm.run_for(2s);
  CHECK(swarm.peer_node(1).files().empty());
}

TEST_CASE("a tracker that dies does not disturb a download") {
  SwarmWorld swarm = world_with(3, 128 * mebibyte);
  swarm.command(3, "DOWN file");
  swarm.run_for(1s);
  swarm.world().crash(swarm.tracker(), Disk::wipe);
  const Time begun = swarm.world().now();
  REQUIRE(swarm.run_until([&] { return swarm.is_complete(3, "file"); }, 60s));
  CHECK(seconds(swarm.world().now() - begun) <= 128.0 * mebibyte / (3 * pace));
  CHECK(swarm.journal().count(TraceEvent::source_lost) == 0);
}

TEST_CASE("a full disk ends a download with a word and with more room it goes on and fetches nothing twice") {
  SwarmWorld swarm = world_with(1, 32 * mebibyte);
  sim::DiskModel disk;
  disk.capacity = 10 * mebibyte;
  swarm.world().set_disk(swarm.peer(1), disk);
  swarm.command(1, "DOWN file");
  swarm.run_for(20s);
  CHECK(swarm.journal().has_line(swarm.peer(1), "DOWN file failed: the disk does not take it"));
  swarm.world().set_disk(swarm.peer(1), sim::DiskModel{});
  swarm.command(1, "DOWN file");
  REQUIRE(swarm.run_until([&] { return swarm.is_complete(1, "file"); }, 20s));
  CHECK(swarm.journal().count(TraceEvent::piece_verified) == 32);
}

TEST_CASE("a download whose last piece is found right only after it failed is complete when it is asked for again") {
  Options options;
  options.give_up = 4s;
  SwarmWorld swarm = world_with(1, 8 * mebibyte, options);
  swarm.command(1, "DOWN file");
  REQUIRE(swarm.run_until([&] { return swarm.peer_node(1).downloaded() >= 63 * mebibyte / 8; }, 20s));
  sim::DiskModel disk;
  disk.rate = sim::Rate{mebibyte};  // bits a second: a block takes one second, a piece eight
  swarm.world().set_disk(swarm.peer(1), disk);
  REQUIRE(swarm.run_until([&] { return swarm.peer_node(1).downloaded() == 8 * mebibyte; }, 20s));
  swarm.command(0, "QUIT");
  swarm.run_for(60s);
  REQUIRE(swarm.journal().has_line(swarm.peer(1), "DOWN file failed: nobody has what is missing"));
  REQUIRE(verified(swarm, 1) == 8);
  swarm.command(1, "DOWN file");
  CHECK(swarm.run_until([&] { return swarm.is_complete(1, "file"); }, 100s));
}

TEST_CASE("a lossy network costs time, never a wrong byte") {
  SwarmWorld swarm = world_with(3, 16 * mebibyte);
  sim::PathConditions path;
  path.latency = sim::LatencyModel::uniform(5ms, 30ms);
  path.loss = sim::LossModel::independent(0.01);
  path.corrupt = 0.01;
  path.duplicate = 0.01;
  swarm.world().network().set_default(path);
  swarm.command(3, "DOWN file");
  REQUIRE(swarm.run_until([&] { return swarm.is_complete(3, "file"); }, 120s));
  CHECK(swarm.journal().count(TraceEvent::source_banned) == 0);
}

TEST_CASE("a file that changes on its disk is offered no more, and nobody is banned for it") {
  Options options;
  options.give_up = 5s;
  SwarmWorld swarm(options, {.peers = 3});
  swarm.start_all();
  swarm.run_for(1s);
  swarm.give(0, "film", 20'000'000, 7);
  swarm.set_upload(0, 4'000'000);
  swarm.run_for(1s);
  const ContentKey data = swarm.peer_node(0).file("film")->key(Part::data);
  swarm.command(1, "DOWN film");
  swarm.run_for(2s);
  const bool is_deleted = GENERATE(false, true);
  swarm.world().change_content(swarm.peer(0), data, is_deleted ? 0 : 8, 20'000'000);
  swarm.run_for(20s);
  CHECK(swarm.journal().has_line(swarm.peer(0), is_deleted ? "film is gone" : "film has changed"));
  CHECK(swarm.journal().count(TraceEvent::file_dropped) == 1);
  CHECK(swarm.peer_node(0).files().empty());
  CHECK(swarm.journal().count(TraceEvent::source_banned) == 0);
  CHECK(swarm.journal().has_line(swarm.peer(1), "DOWN film failed"));
  // What it is now is another file, from the same peer.
  swarm.command(1, "CANCEL film");
  swarm.give(0, "film", 3'000'000, 8);
  swarm.run_for(2s);
  swarm.command(1, "DOWN film");
  CHECK(swarm.run_until([&] { return swarm.is_complete(1, "film"); }, 20s));
}

TEST_CASE("a file whose bytes did not change is offered again once it was hashed") {
  SwarmWorld swarm({}, {.peers = 2});
  swarm.start_all();
  swarm.give(0, "film", 3'000'000, 7);
  swarm.run_for(1s);
  swarm.world().change_content(swarm.peer(0), swarm.peer_node(0).file("film")->key(Part::data), 7, 3'000'000);
  swarm.command(1, "DOWN film");
  CHECK(swarm.run_until([&] { return swarm.is_complete(1, "film"); }, 20s));
  CHECK(swarm.journal().count(TraceEvent::file_dropped) == 0);
}
