#include "protocols/swarm/exchange/interest.h"

#include "tests/catch.h"
#include "tests/swarm/download_scene.h"

using namespace peerbed;
using namespace peerbed::swarm;

TEST_CASE("interest is told when something is wanted, and taken back when nothing is and nothing is to come") {
  DownloadScene scene;
  const StreamId stream = scene.add_source(1, 1);
  const auto update = [&](bool is_fetched) {
    scene.stage.act([&](const Context& context) { update_interest(context, scene.link(stream), is_fetched); });
  };
  const auto lose = [&] {
    scene.stage.act([&](const Context& context) { lose_interest(context, scene.link(stream)); });
    return scene.said(stream, FrameKind::not_interested);
  };
  update(false);
  CHECK(scene.said(stream, FrameKind::interested) == 0);
  update(true);
  CHECK(scene.said(stream, FrameKind::interested) == 1);
  update(true);
  CHECK(scene.said(stream, FrameKind::interested) == 0);
  CHECK(lose() == 0);
  scene.link(stream).requests.add(scene.file().fetching(), scene.block(0), scene.stage.now);
  CHECK(scene.link(stream).theirs.note_verified(0));
  CHECK(lose() == 0);
  scene.link(stream).requests.void_all(scene.file().fetching(), stream, false);
  CHECK(lose() == 1);
  CHECK(lose() == 0);
}
