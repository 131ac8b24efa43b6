#include "protocols/swarm/exchange/announcer.h"

#include "tests/catch.h"
#include "tests/swarm/download_scene.h"

using namespace peerbed;
using namespace peerbed::swarm;

namespace {

struct Scene : DownloadScene {
  void verify(std::uint32_t piece) {
    file().map.restore(piece);
    stage.act([&](const Context& context) { announcer.announce(context, links, file(), piece); });
  }
  void tell_all() {
    stage.act([&](const Context& context) { announcer.tell_all(context, links, files); });
  }
  Announcer announcer{};
};

}  // namespace

TEST_CASE("a new piece is told at once to those who may ask for it, and to the others later") {
  Scene scene;
  const StreamId served = scene.add_source(1, 0);
  const StreamId waiting = scene.add_source(2, 0);
  const StreamId busy = scene.add_source(3, 0);
  scene.link(served).slot.give(scene.stage.now);
  scene.link(waiting).slot.set_wanted(true);
  scene.link(busy).slot.give(scene.stage.now);
  scene.link(busy).uploads.add(scene.block(0));
  scene.verify(0);
  CHECK(scene.said(served, FrameKind::have) == 1);
  CHECK(scene.said(waiting, FrameKind::have) == 0);
  CHECK(scene.said(busy, FrameKind::have) == 0);
  CHECK(scene.stage.timer(have_timer) == scene.stage.options.have_period);
  scene.verify(1);
  CHECK_FALSE(scene.stage.timer(have_timer));  // it runs
  scene.tell_all();
  CHECK(scene.said(served, FrameKind::have) == 0);
  REQUIRE(scene.said(waiting, FrameKind::have) == 1);
  const Frame told = scene.stage.frames(waiting)[0];
  CHECK(told == Frame{FrameKind::have, 0, 1, no_piece});
  scene.verify(2);
  CHECK(scene.stage.timer(have_timer));
}

TEST_CASE("a piece is not told to those who have it, and is wanted of them no more") {
  Scene scene;
  const StreamId stream = scene.add_source(1, 2);
  CHECK(scene.link(stream).theirs.wanted() == 2);
  scene.verify(0);
  scene.verify(1);
  CHECK(scene.link(stream).theirs.wanted() == 0);
  scene.tell_all();
  CHECK(scene.said(stream, FrameKind::have) == 0);
}

TEST_CASE("nothing is told on a link that was not told before what is here") {
  Scene scene;
  const StreamId stream = scene.add_source(1, 0);
  scene.link(stream).introduced = false;
  scene.verify(0);
  scene.tell_all();
  CHECK(scene.said(stream, FrameKind::have) == 0);
}
