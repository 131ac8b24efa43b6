#include "protocols/swarm/files/manifest_query.h"

#include "tests/catch.h"
#include "tests/swarm/download_scene.h"

using namespace peerbed;
using namespace peerbed::swarm;

namespace {

struct Scene : DownloadScene {
  void ask_any() {
    stage.act([&](const Context& context) { query.ask_any(context, links, file().number); });
  }
  ManifestQuery query{};
};

}  // namespace

TEST_CASE("one source at a time is asked for the manifest, of those that have it") {
  Scene scene;
  const StreamId without = scene.connect(1);
  const StreamId first = scene.add_source(2);
  const StreamId second = scene.add_source(3);
  scene.ask_any();
  CHECK(scene.said(without, FrameKind::manifest_query) == 0);
  CHECK(scene.said(first, FrameKind::manifest_query) == 1);
  CHECK(scene.said(second, FrameKind::manifest_query) == 0);
  CHECK(scene.query.expects(first));
  CHECK_FALSE(scene.query.expects(second));
  CHECK(scene.query.peer() == Stage::other(2));
  scene.ask_any();
  CHECK(scene.stage.effects.all().empty());
  scene.query.end();
  scene.links.close(scene.link(first));
  scene.ask_any();
  CHECK(scene.said(second, FrameKind::manifest_query) == 1);
}

TEST_CASE("a source that is lost before its manifest has come is asked no more, and afterwards its manifest counts") {
  Scene scene;
  const StreamId first = scene.add_source(1);
  scene.ask_any();
  scene.query.lose(StreamId{99});
  CHECK(scene.query.expects(first));
  scene.query.lose(first);
  CHECK(scene.query.is_free());
  scene.ask_any();
  scene.query.note_arrival();
  CHECK_FALSE(scene.query.expects(first));  // another one is out of place
  scene.query.lose(first);
  CHECK(scene.query.is_here());
  CHECK_FALSE(scene.query.is_free());
  scene.query.end();
  CHECK_FALSE(scene.query.is_here());
}
