#include "protocols/swarm/exchange/advising.h"

#include <set>

#include "tests/catch.h"
#include "tests/swarm/download_scene.h"

using namespace peerbed;
using namespace peerbed::swarm;
using namespace std::chrono_literals;

namespace {

// This peer has all of a file, and others are interested.
struct Scene : DownloadScene {
  explicit Scene(std::uint32_t pieces) : DownloadScene(pieces) {
    file().state = SharedFile::State::complete;
    file().download.reset();
    for (std::uint32_t piece = 0; piece < pieces; ++piece) file().map.restore(piece);
  }
  // One that has the first `pieces`, and a slot.
  StreamId add_receiver(NodeIndex i, std::uint32_t pieces = 0) {
    const StreamId stream = add_source(i, pieces);
    link(stream).slot.set_wanted(true);
    link(stream).slot.give(stage.now);
    return stream;
  }
  // The pieces that are advised now.
  std::vector<std::uint32_t> advise_now(StreamId stream) {
    stage.act([&](const Context& context) { advise(context, links, file(), link(stream)); });
    std::vector<std::uint32_t> pieces;
    for (const Frame& frame : stage.frames(stream)) {
      CHECK(frame.kind == FrameKind::suggest);
      pieces.push_back(frame.piece);
    }
    return pieces;
  }
};

}  // namespace

TEST_CASE("each piece is advised once before one is repeated") {
  Scene scene(16);
  std::vector<std::uint32_t> advised;
  for (NodeIndex i = 1; i <= 3; ++i) scene.add_receiver(i);
  for (Link& link : scene.links)
    for (const std::uint32_t piece : scene.advise_now(link.stream)) advised.push_back(piece);
  REQUIRE(advised.size() == 24);
  CHECK(std::set(advised.begin(), advised.begin() + 16).size() == 16);
}

TEST_CASE("what is rarest is advised, and nothing that the receiver has") {
  Scene scene(4);
  scene.file().availability = {3, 0, 3, 3};
  const StreamId stream = scene.add_receiver(1);
  scene.add_receiver(2);
  CHECK(scene.advise_now(stream).front() == 1);
  const StreamId other = scene.add_receiver(3, 3);
  CHECK(scene.advise_now(other) == std::vector<std::uint32_t>(Advice::maximum, 3));
}

TEST_CASE("advice is given where there is something to spread, to those who have a slot") {
  Scene scene(4);
  const StreamId stream = scene.add_receiver(1);
  CHECK(scene.advise_now(stream).empty());  // nobody else wants it
  scene.add_receiver(2);
  scene.stage.options.suggest_pieces = false;
  CHECK(scene.advise_now(stream).empty());
  scene.stage.options.suggest_pieces = true;
  scene.file().state = SharedFile::State::downloading;
  CHECK(scene.advise_now(stream).empty());
  scene.file().state = SharedFile::State::complete;
  scene.link(stream).slot.take(scene.stage.now);
  CHECK(scene.advise_now(stream).empty());
  scene.link(stream).slot.give(scene.stage.now);
  CHECK_FALSE(scene.advise_now(stream).empty());
  CHECK(scene.advise_now(stream).empty());  // it has enough
}

TEST_CASE("a receiver whose turn is over gets no more advice, once somebody waits") {
  Scene scene(4);
  const StreamId stream = scene.add_receiver(1);
  const StreamId other = scene.add_receiver(2);
  scene.stage.now += 2s;
  CHECK_FALSE(is_turn_over(scene.links, scene.link(stream), scene.stage.now));
  scene.link(other).slot.take(scene.stage.now);
  CHECK(is_turn_over(scene.links, scene.link(stream), scene.stage.now));
  CHECK(scene.advise_now(stream).empty());
}

TEST_CASE("a piece that was advised and then fetched is given once, and one that came to nothing is not given") {
  Scene scene(16);
  const StreamId stream = scene.add_receiver(1);
  scene.add_receiver(2);
  const auto advised = scene.advise_now(stream);
  REQUIRE(advised.size() >= 2);
  SharedFile& file = scene.file();
  scene.stage.act(
      [&](const Context& context) { note_given(context, scene.links, file, scene.link(stream), advised[0]); });
  CHECK(file.given.count(advised[0]) == 1);
  CHECK(file.given.count(advised[1]) == 1);
  withdraw_advice(file, scene.link(stream));
  CHECK(scene.link(stream).advice.empty());
  CHECK(file.given.count(advised[0]) == 1);
  CHECK(file.given.count(advised[1]) == 0);
  const std::uint32_t last = DownloadScene::piece_size - DownloadScene::block_size;
  scene.link(stream).uploads.add({advised[0], last, DownloadScene::block_size});
  scene.link(stream).uploads.add({advised[0], 0, DownloadScene::block_size});
  withdraw_queue(file, scene.link(stream));
  CHECK(file.given.count(advised[0]) == 0);
}

TEST_CASE("what a receiver got elsewhere was not given, and makes room for more advice") {
  Scene scene(16);
  const StreamId stream = scene.add_receiver(1);
  scene.add_receiver(2);
  const auto advised = scene.advise_now(stream);
  SharedFile& file = scene.file();
  CHECK(scene.link(stream).theirs.take_new(advised[0], file.map, file.availability) == TheirPieces::News::unwanted);
  CHECK(scene.advise_now(stream).size() == 1);
  CHECK(file.given.count(advised[0]) == 0);
}
