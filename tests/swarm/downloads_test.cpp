#include "protocols/swarm/downloads.h"

#include <array>
#include <string>
#include <utility>
#include <vector>

#include "protocols/swarm/files/offers.h"
#include "tests/catch.h"
#include "tests/swarm/stage.h"

using namespace peerbed;
using namespace peerbed::swarm;
using namespace std::chrono_literals;

namespace {

constexpr std::uint32_t piece_size = 64 * 1024;
constexpr Address tracker = Stage::other(1);

struct Scene {
  Scene() : trackers(std::array{tracker}, 1000) {
    ListPage page{.version = {1, 1}, .after = {}, .last = true, .peers = {}};
    for (NodeIndex i = 10; i < 13; ++i) page.peers.add(Stage::other(i));
    stage.act([&](const Context& context) { trackers.take(context, tracker, page); });
  }
  template <class Act>
  decltype(auto) act(Act&& act) {
    return stage.act([&](const Context& context) -> decltype(auto) {
      const LinkTable::Sweeper sweeper(exchange.links());
      return act(DownloadContext{{context, files, pulse}, exchange, trackers});
    });
  }
  void down(std::string_view what) {
    act([&](const DownloadContext& context) { downloads.start(context, what); });
  }
  void answer(NodeIndex from, std::uint32_t id, std::uint8_t root) {
    const Found found{.id = id,
                      .file = {.root = root_of(root), .size = 100, .complete = true, .name = view_of("film")}};
    act([&](const DownloadContext& context) { downloads.take(context, Stage::other(from), found); });
  }
  void ready(const ContentReady& content) {
    act([&](const DownloadContext& context) { downloads.take_content(context, files[0], content); });
  }
  // A download of one piece whose digest is all zero; a block of it is all of it.
  SharedFile& begin_piece() {
    SharedFile& file = files.create(SharedFile::State::downloading, "film");
    files.set_root(file, root_of(1));
    file.set_manifest({.geometry = {piece_size, piece_size}, .pieces = std::vector<Digest>(1)}, piece_size);
    act([&](const DownloadContext& context) { downloads.begin(context, file); });
    file.map.claim(Block{0, 0, piece_size});
    file.map.release(Block{0, 0, piece_size});
    REQUIRE(file.map.receive(Block{0, 0, piece_size}, Stage::other(10)));
    return file;
  }
  bool has_line(std::string_view part) const {
    for (const std::string& line : stage.lines())
      if (line.find(part) != std::string::npos) return true;
    return false;
  }

  Stage stage{};
  TrackerSessions trackers;
  FileTable files{};
  Pulse pulse{};
  Exchange exchange{stage.options};
  Downloads downloads{};
};

}  // namespace

TEST_CASE("DOWN of a name asks the listed peers, and connects to who has the file") {
  Scene scene;
  scene.down("film");
  const auto questions = scene.stage.sent<Find>();
  CHECK(questions.size() == 3);
  CHECK(scene.downloads.is_busy(scene.files));
  CHECK(scene.stage.timer(pulse_timer));
  scene.stage.now += 10ms;
  for (NodeIndex i = 10; i < 13; ++i) scene.answer(i, questions[0].second.id, 1);
  scene.stage.now += 10ms;
  scene.act([&](const DownloadContext& context) { scene.downloads.look_after(context); });
  CHECK(scene.files[0].root == root_of(1));
  CHECK(scene.exchange.links().count_for(scene.files[0].number) == 3);
}

TEST_CASE("DOWN says so when a file is here, is on its way, or has no name") {
  Scene scene;
  SharedFile& file = scene.files.create(SharedFile::State::complete, "film");
  file.is_file = true;
  scene.down("film");
  CHECK(scene.has_line("film is here"));
  scene.down("song");
  scene.down("song");
  CHECK(scene.has_line("song is on its way"));
  scene.down("../song");
  CHECK(scene.has_line("Usage: DOWN NAME"));
  CHECK(scene.files.size() == 2);
}

TEST_CASE("a file that is complete and was never written is verified and written again") {
  Scene scene;
  SharedFile& file = scene.files.create(SharedFile::State::complete, "film");
  scene.down("film");
  CHECK(file.state == SharedFile::State::restoring);
  CHECK(scene.stage.hashed().size() == 1);
}

TEST_CASE("a download that the disk fails before its manifest is here is gone") {
  Scene scene;
  scene.down("film");
  ContentReady lost = hash_ready(scene.files[0].manifest_range(), Digest{});
  lost.found = false;
  scene.ready(lost);
  CHECK(scene.has_line("DOWN film failed: the disk does not give it back"));
  CHECK(scene.stage.traces(TraceEvent::download_failed) == 1);
  CHECK(scene.files.empty());
}

TEST_CASE("a manifest that is not that of the root is erased, and one that is is read") {
  Scene scene;
  scene.down(to_string(root_of(1)));
  const Digest right = root_of(1);
  const Digest wrong = root_of(2);
  scene.ready(hash_ready(scene.files[0].manifest_range(), wrong));
  CHECK(scene.stage.of(EffectKind::erase_content).size() == 1);
  CHECK(scene.exchange.ban_scores().size() == 1);
  scene.ready(hash_ready(scene.files[0].manifest_range(), right));
  CHECK(scene.stage.of(EffectKind::read_content).size() == 1);
  const Manifest manifest{.geometry = {piece_size, piece_size}, .pieces = std::vector<Digest>(1)};
  scene.ready(read_ready(scene.files[0].key(Part::manifest), manifest.encoded()));
  CHECK(scene.files[0].state == SharedFile::State::downloading);
  CHECK(scene.stage.traces(TraceEvent::manifest_verified) == 1);
}

TEST_CASE("the last piece whose hash is right ends the download, and the file is written") {
  Scene scene;
  SharedFile& file = scene.begin_piece();
  const Digest digest{};
  scene.ready(hash_ready({file.key(Part::data), 0, piece_size}, digest));
  CHECK(file.state == SharedFile::State::complete);
  CHECK_FALSE(file.download);
  CHECK(scene.stage.traces(TraceEvent::piece_verified) == 1);
  CHECK(scene.stage.traces(TraceEvent::download_done) == 1);
  CHECK(scene.stage.of(EffectKind::export_content).size() == 1);
  CHECK_FALSE(scene.stage.written(catalogue_key).empty());
  CHECK_FALSE(scene.downloads.is_busy(scene.files));

  ContentReady exported{.key = file.key(Part::data), .bytes = {}, .found = true, .action = ContentAction::exported};
  scene.act([&](const DownloadContext& context) { scene.downloads.take_exported(context, file, exported); });
  CHECK(file.is_here());
  CHECK(scene.has_line("film is here: 65536 bytes"));
}

TEST_CASE("what cannot be written as a file is kept") {
  Scene scene;
  SharedFile& file = scene.begin_piece();
  const Digest digest{};
  scene.ready(hash_ready({file.key(Part::data), 0, piece_size}, digest));
  ContentReady exported{.key = file.key(Part::data), .bytes = {}, .found = false, .action = ContentAction::exported};
  scene.act([&](const DownloadContext& context) { scene.downloads.take_exported(context, file, exported); });
  CHECK_FALSE(file.is_here());
  CHECK(file.state == SharedFile::State::complete);
  CHECK(scene.has_line("it is kept, and DOWN tries again"));
}

TEST_CASE("a piece whose hash is wrong is fetched again, and its only sender is blamed") {
  Scene scene;
  SharedFile& file = scene.begin_piece();
  const Digest wrong = root_of(9);
  scene.ready(hash_ready({file.key(Part::data), 0, piece_size}, wrong));
  CHECK(file.state == SharedFile::State::downloading);
  CHECK(scene.stage.traces(TraceEvent::piece_rejected) == 1);
  CHECK(scene.exchange.ban_scores().has_banned(Stage::other(10), root_of(1), 1));
  CHECK(file.download->duplicates == piece_size);
  CHECK(file.map.find(0) == nullptr);
}

TEST_CASE("a download that fails keeps what was verified, and goes on from there") {
  Scene scene;
  SharedFile& file = scene.begin_piece();
  scene.act([&](const DownloadContext& context) { scene.downloads.fail(context, file, "of this test"); });
  CHECK(file.is_waiting());
  CHECK(scene.has_line("DOWN film failed: of this test"));
  scene.down("film");
  CHECK(file.state == SharedFile::State::restoring);
}

TEST_CASE("GET asks all that are listed, and there is one at a time") {
  Scene scene;
  const auto get = [&] { scene.act([&](const DownloadContext& context) { scene.downloads.start_survey(context); }); };
  get();
  const auto asked = scene.stage.sent<OffersQuery>();
  CHECK(asked.size() == 3);
  CHECK(scene.downloads.is_surveying());
  get();
  CHECK(scene.has_line("GET is under way"));
  for (const auto& [peer, query] : asked) {
    const Offers nothing{.id = query.id, .first = 0, .total = 0, .files = {}};
    scene.act([&, peer = peer](const DownloadContext& context) { scene.downloads.take(context, peer, nothing); });
  }
  CHECK(scene.has_line("Nobody offers a file"));
  CHECK_FALSE(scene.downloads.is_surveying());
}
