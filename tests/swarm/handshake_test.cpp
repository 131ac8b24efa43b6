#include "protocols/swarm/exchange/handshake.h"

#include "tests/catch.h"
#include "tests/swarm/download_scene.h"

using namespace peerbed;
using namespace peerbed::swarm;
using namespace std::chrono_literals;

namespace {

struct Scene : DownloadScene {
  // A stream from the i-th other that has said who it is, and for which file.
  StreamId accept(NodeIndex i, std::uint32_t stream) {
    Link& link = stage.act(
        [&](const Context& context) -> Link& { return links.accept(context, StreamId{stream}, Stage::other(i)); });
    link.file = file().number;
    return link.stream;
  }
  StreamId replaced(StreamId by) {
    return stage.act([&](const Context& context) {
      const Link* older = replaced_by(context, links, link(by));
      return older != nullptr ? older->stream : StreamId{};
    });
  }
  std::optional<CloseReason> against(StreamId stream) {
    return stage.act([&](const Context& context) { return reason_against(context, links, link(stream)); });
  }
};

}  // namespace

TEST_CASE("a stream that opens is greeted at once, and told what is here") {
  Scene scene;
  const StreamId stream = scene.connect(1);
  scene.link(stream).stage = Link::Stage::opening;
  scene.stage.now += 50ms;
  scene.stage.act([&](const Context& context) { begin_opened(context, scene.link(stream), scene.file()); });
  CHECK(scene.said(stream, FrameKind::hello) == 1);
  CHECK(scene.said(stream, FrameKind::pieces) == 1);
  CHECK(scene.link(stream).requests.round_trip() == 50ms);
  CHECK(scene.link(stream).stage == Link::Stage::greeting);
  scene.stage.act([&](const Context& context) { begin_open(context, scene.link(stream), scene.file()); });
  CHECK(scene.link(stream).is_open());
  CHECK(scene.stage.traces(TraceEvent::source_gained) == 1);
}

TEST_CASE("a source that has everything is told at once that it is wanted") {
  Scene scene;
  for (const bool is_complete : {false, true}) {
    const NodeIndex peer = is_complete ? 1 : 2;
    scene.file().download->search.sources().note(Stage::self, scene.stage.now, 1s, Stage::other(peer), 0, is_complete);
    const StreamId stream = scene.connect(peer);
    scene.stage.act([&](const Context& context) { introduce(context, scene.link(stream), scene.file()); });
    CHECK(scene.said(stream, FrameKind::interested) == (is_complete ? 1 : 0));
  }
}

TEST_CASE("of two streams that are opened at once the one of the lower address stays") {
  Scene scene;
  scene.connect(1);
  const StreamId accepted = scene.accept(1, 2);
  REQUIRE(Stage::self < Stage::other(1));
  CHECK(scene.replaced(accepted) == StreamId{});
  CHECK(scene.against(accepted) == CloseReason::duplicate);
}

TEST_CASE("among NATs an attempt that has not got through gives way to a stream that has") {
  Scene scene;
  const StreamId own = scene.connect(1);
  scene.link(own).stage = Link::Stage::opening;
  const StreamId accepted = scene.accept(1, 2);
  CHECK(scene.replaced(accepted) == StreamId{});
  scene.stage.options.hole_punching = true;
  CHECK(scene.replaced(accepted) == own);
  scene.link(own).stage = Link::Stage::greeting;
  CHECK(scene.replaced(accepted) == StreamId{});
}

TEST_CASE("who calls again much later has lost the older stream") {
  Scene scene;
  const StreamId older = scene.connect(1);
  scene.link(older).requests.set_round_trip(10ms);
  scene.stage.now += 3 * scene.stage.options.connect_timeout;
  CHECK(scene.replaced(scene.accept(1, 2)) == older);
}

TEST_CASE("a second stream of a caller replaces its first") {
  Scene scene;
  const StreamId first = scene.accept(1, 2);
  CHECK(scene.replaced(scene.accept(1, 4)) == first);
}

TEST_CASE("more callers than a file may have are turned away, and those that may be gone are probed") {
  Scene scene;
  scene.stage.options.maximum_connections = 2;
  const StreamId first = scene.connect(1);
  scene.connect(2);
  scene.stage.now += 10s;
  const StreamId caller = scene.accept(3, 2);
  CHECK(scene.replaced(caller) == StreamId{});
  CHECK(scene.against(caller) == CloseReason::full);
  CHECK(scene.said(first, FrameKind::have) == 1);
  scene.links.close(scene.link(first));
  CHECK_FALSE(scene.against(caller));
}

TEST_CASE("two that have everything have nothing to say to each other") {
  Scene scene;
  const StreamId whole = scene.add_source(1);
  const StreamId part = scene.add_source(2, 2);
  CHECK_FALSE(is_superfluous(scene.link(whole), scene.file()));
  scene.file().state = SharedFile::State::complete;
  CHECK(is_superfluous(scene.link(whole), scene.file()));
  CHECK_FALSE(is_superfluous(scene.link(part), scene.file()));

  Scene empty;
  empty.file().set_manifest({.geometry = {0, DownloadScene::piece_size}, .pieces = {}}, DownloadScene::block_size);
  empty.file().state = SharedFile::State::complete;
  const StreamId stream = empty.connect(1);
  CHECK_FALSE(is_superfluous(empty.link(stream), empty.file()));
  REQUIRE(empty.link(stream).theirs.take({}, empty.file().map, empty.file().availability));
  CHECK(is_superfluous(empty.link(stream), empty.file()));
}
