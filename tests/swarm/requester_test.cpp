#include "protocols/swarm/exchange/requester.h"

#include <set>
#include <vector>

#include "tests/catch.h"
#include "tests/swarm/download_scene.h"

using namespace peerbed;
using namespace peerbed::swarm;
using namespace std::chrono_literals;

namespace {

using Blocks = std::vector<Block>;

struct Scene : DownloadScene {
  explicit Scene(std::uint32_t pieces = 4, std::uint64_t limit = 0) : DownloadScene(pieces), requester(limit) {}

  void ask() {
    stage.act([&](const Context& context) { requester.ask(context, links, file()); });
  }
  // A block begins to arrive; the stream that is to make room for it, or 0.
  StreamId begin(StreamId from, const Block& block) {
    return stage.act([&](const Context& context) {
      if (!link(from).requests.begin_arrival(block, stage.now)) throw "the block was not asked for";
      const Link* slower = requester.overtaken(context, links, file(), link(from), block);
      const StreamId gone = slower != nullptr ? slower->stream : StreamId{};
      if (slower != nullptr) {
        links.close(link(gone));
        for (Link& each : links)
          if (each.stream == gone) requester.lose(context, links, file(), each);
      }
      requester.start_arrival(context, file(), link(from), block);
      return gone;
    });
  }
  Requester::Delivery finish(StreamId from, bool kept = true) {
    return stage.act(
        [&](const Context& context) { return requester.finish_arrival(context, links, file(), link(from), kept); });
  }
  void deliver(StreamId from, const Block& block) {
    begin(from, block);
    CHECK(finish(from) == Requester::Delivery::taken);
  }

  Requester requester;
};

}  // namespace

TEST_CASE("a source is asked for some blocks ahead, each once, and others for other pieces") {
  Scene scene(8);
  const StreamId first = scene.add_source(1);
  const StreamId second = scene.add_source(2);
  scene.ask();
  const Blocks blocks = scene.requested(first);
  CHECK(blocks.size() == 8);
  std::set<std::uint32_t> pieces;
  for (const Block& block : blocks) pieces.insert(block.piece);
  CHECK(pieces.size() == 2);  // a piece is fetched whole from one source
  for (const Block& block : scene.requested(second)) CHECK_FALSE(pieces.contains(block.piece));
  scene.ask();
  CHECK(scene.requested(first).empty());
}

TEST_CASE("nobody is asked who chokes this peer, is stalled, or has nothing of use") {
  Scene scene;
  const StreamId choked = scene.add_source(1);
  const StreamId stalled = scene.add_source(2);
  const StreamId poor = scene.add_source(3, 0);
  const StreamId unknown = scene.connect(4);
  scene.link(choked).choked = true;
  scene.link(stalled).requests.stall(scene.file().fetching(), stalled);
  scene.ask();
  for (const StreamId stream : {choked, stalled, poor, unknown}) CHECK(scene.requested(stream).empty());
}

TEST_CASE("a source is asked for what it suggests first") {
  Scene scene(16);
  const StreamId stream = scene.add_source(1);
  scene.link(stream).suggestions.add(11, scene.stage.now);
  scene.ask();
  REQUIRE_FALSE(scene.requested(stream).empty());
  CHECK(scene.requested(stream)[0].piece == 11);
}

TEST_CASE("within the download limit the next request waits for its timer") {
  Scene scene(16, 8'000);
  const StreamId stream = scene.add_source(1);
  scene.ask();
  CHECK(scene.requested(stream).size() == 1);
  REQUIRE(scene.stage.timer(download_timer));
  CHECK(*scene.stage.timer(download_timer) > 10s);
}

TEST_CASE("a block goes to its place, and its piece is hashed when it is whole") {
  Scene scene(1);
  const StreamId stream = scene.add_source(1);
  scene.ask();
  const Blocks blocks = scene.requested(stream);
  REQUIRE(blocks.size() == 4);
  for (std::size_t i = 0; i < 4; ++i) {
    scene.begin(stream, blocks[i]);
    const auto places = scene.stage.of(EffectKind::receive_content);
    REQUIRE(places.size() == 1);
    CHECK(range_in(scene.stage.effects.bytes_of(places[0])).content == scene.file().key(Part::data));
    CHECK(scene.finish(stream) == Requester::Delivery::taken);
    CHECK(scene.stage.of(EffectKind::hash_content).size() == (i == 3 ? 1 : 0));
  }
  CHECK(scene.requester.downloaded() == DownloadScene::piece_size);
  CHECK(scene.file().download->kept == DownloadScene::piece_size);
  CHECK(scene.file().download->duplicates == 0);
}

TEST_CASE("a block that the disk does not take ends the download") {
  Scene scene(1);
  const StreamId stream = scene.add_source(1);
  scene.ask();
  scene.begin(stream, scene.requested(stream)[0]);
  CHECK(scene.finish(stream, false) == Requester::Delivery::disk_failed);
  CHECK(scene.file().download->kept == 0);
  CHECK(scene.requested(stream).empty());
}

TEST_CASE("a second copy of a block is wasted, and the slower one is cancelled") {
  Scene scene(1);
  const StreamId slow = scene.add_source(1);
  scene.ask();
  const Block block = scene.requested(slow)[0];
  const StreamId quick = scene.add_source(2);
  scene.stage.act([&](const Context& context) { scene.requester.stall(context, scene.file(), scene.link(slow)); });
  CHECK(scene.stage.traces(TraceEvent::ranges_reassigned) == 1);
  scene.ask();
  REQUIRE(scene.requested(quick).size() == 4);
  scene.begin(quick, block);
  CHECK(scene.finish(quick) == Requester::Delivery::taken);
  CHECK(scene.said(slow, FrameKind::cancel) == 1);
  scene.begin(slow, block);
  CHECK(scene.link(slow).requests.is_to_scratch());
  CHECK(scene.finish(slow) == Requester::Delivery::taken);
  CHECK(scene.stage.traces(TraceEvent::block_wasted) == 1);
  CHECK(scene.file().download->duplicates == block.size);
}

TEST_CASE("a block that is written too slowly makes room for a quicker copy, once") {
  Scene scene(1);
  const StreamId slow = scene.add_source(1);
  scene.ask();
  const Block block = scene.requested(slow)[0];
  scene.begin(slow, block);
  scene.stage.act([&](const Context& context) { scene.requester.stall(context, scene.file(), scene.link(slow)); });
  const StreamId quick = scene.add_source(2);
  scene.ask();
  CHECK(scene.begin(quick, block) == StreamId{});  // the slow one has had no time yet
  CHECK(scene.link(quick).requests.is_to_scratch());
  CHECK(scene.finish(quick) == Requester::Delivery::taken);
  scene.ask();
  scene.stage.now += 10s;
  const StreamId third = scene.add_source(3);
  scene.link(third).requests.add(scene.file().fetching(), block, scene.stage.now);
  CHECK(scene.begin(third, block) == slow);
  CHECK_FALSE(scene.link(third).requests.is_to_scratch());
}

TEST_CASE("who refuses a block does not have its piece, and is asked for something else") {
  Scene scene(8);
  const StreamId stream = scene.add_source(1);
  scene.ask();
  const Block block = scene.requested(stream)[0];
  scene.stage.act([&](const Context& context) {
    scene.requester.take_reject(context, scene.links, scene.file(), scene.link(stream), block);
  });
  CHECK_FALSE(scene.link(stream).theirs.has(block.piece));
  CHECK(scene.file().availability[block.piece] == 0);
  for (const Block& other : scene.requested(stream)) CHECK(other.piece != block.piece);
}

TEST_CASE("what was asked of a source that chokes, or is gone, is asked of another") {
  Scene scene(2);
  const StreamId first = scene.add_source(1);
  scene.ask();
  REQUIRE(scene.requested(first).size() == 8);
  const StreamId second = scene.add_source(2);
  scene.stage.act([&](const Context& context) {
    scene.link(first).choked = true;
    scene.requester.take_choke(context, scene.links, scene.file(), scene.link(first));
  });
  CHECK(scene.requested(second).size() == 8);
  CHECK(scene.link(first).requests.empty());
  scene.link(first).choked = false;
  Link& gone = scene.link(second);
  scene.links.close(gone);
  scene.stage.act([&](const Context& context) { scene.requester.lose(context, scene.links, scene.file(), gone); });
  scene.ask();
  CHECK(scene.requested(first).size() == 8);
}

TEST_CASE("of a piece that is closed the requests that are left are cancelled") {
  Scene scene(1);
  const StreamId stream = scene.add_source(1);
  scene.ask();
  scene.stage.act([&](const Context& context) { scene.requester.cancel_piece(context, scene.links, scene.file(), 0); });
  CHECK(scene.said(stream, FrameKind::cancel) == 4);
  scene.stage.act([&](const Context& context) { scene.requester.cancel_piece(context, scene.links, scene.file(), 0); });
  CHECK(scene.said(stream, FrameKind::cancel) == 0);
}

TEST_CASE("in fragment mode each source is asked for its own range, and a lost one is fetched anew") {
  Scene scene(4);
  scene.stage.options.division = Division::fragment;
  const StreamId first = scene.add_source(1);
  const StreamId second = scene.add_source(2);
  scene.ask();
  const Blocks mine = scene.requested(first);
  const Blocks theirs = scene.requested(second);
  REQUIRE(mine.size() == 8);
  CHECK(mine[0] == scene.block(0));
  REQUIRE(theirs.size() == 8);
  CHECK(theirs[0] == scene.block(8));
  scene.deliver(first, mine[0]);
  Link& gone = scene.link(first);
  scene.links.close(gone);
  scene.stage.act([&](const Context& context) { scene.requester.lose(context, scene.links, scene.file(), gone); });
  CHECK(scene.file().download->duplicates == DownloadScene::block_size);
  for (const Block& block : theirs) scene.deliver(second, block);
  CHECK(scene.link(second).requests.unanswered()[0].block == scene.block(0));
}
