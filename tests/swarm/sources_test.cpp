#include "protocols/swarm/files/sources.h"

#include <vector>

#include "tests/catch.h"
#include "tests/swarm/stage.h"

using namespace peerbed;
using namespace peerbed::swarm;
using namespace std::chrono_literals;

namespace {

constexpr FileNumber file = 1;

struct Scene {
  Stage stage{};
  LinkTable links{};
  Sources sources{};

  void note(Address peer, bool complete = true, std::uint8_t candidate = 0) {
    sources.note(Stage::self, stage.now, stage.options.retry_delay, peer, candidate, complete);
  }
  std::vector<Address> due(std::size_t wanted = 20) {
    return sources.take_due(stage.options, stage.now, links, file, wanted);
  }
  Link& connect(Address peer) {
    return stage.act([&](const Context& context) -> Link& { return links.open(context, file, peer, 1s); });
  }
};

using Peers = std::vector<Address>;

}  // namespace

TEST_CASE("a source is known once, and this peer is none") {
  Scene scene;
  scene.note(Stage::other(1));
  scene.note(Stage::other(1), false);
  scene.note(Stage::self);
  CHECK(scene.sources.all().size() == 1);
  CHECK(scene.sources.has_complete(Stage::other(1)));
  CHECK_FALSE(scene.sources.has(Stage::self));
}

TEST_CASE("a full table makes room where somebody failed, and for nobody else") {
  Scene scene;
  for (NodeIndex i = 1; i <= maximum_sources; ++i) scene.note(Stage::other(i));
  scene.note(Stage::other(1000));
  CHECK_FALSE(scene.sources.has(Stage::other(1000)));
  scene.sources.note_loss(Stage::other(7), CloseReason::lost, scene.stage.now);
  scene.note(Stage::other(1000));
  CHECK(scene.sources.has(Stage::other(1000)));
  CHECK_FALSE(scene.sources.has(Stage::other(7)));
  CHECK(scene.sources.all().size() == maximum_sources);
}

TEST_CASE("sources are connected until there are enough links, each once") {
  Scene scene;
  for (NodeIndex i = 1; i <= 4; ++i) scene.note(Stage::other(i));
  scene.connect(Stage::other(2));
  CHECK(scene.due(3) == Peers{Stage::other(1), Stage::other(3)});
  CHECK(scene.due(3) == Peers{Stage::other(4)});
  CHECK(scene.due(20).empty());  // all are to be tried later
}

TEST_CASE("of two that fetch a file the one of the lower address calls, and the other one later") {
  Scene scene;
  scene.note(Stage::other(1), false);
  REQUIRE(Stage::self < Stage::other(1));
  CHECK(scene.due() == Peers{Stage::other(1)});
  Sources theirs;
  theirs.note(Stage::other(1), scene.stage.now, 400ms, Stage::self, 0, false);
  CHECK(theirs.take_due(scene.stage.options, scene.stage.now, scene.links, file, 20).empty());
  CHECK(theirs.take_due(scene.stage.options, scene.stage.now + 400ms, scene.links, file, 20) == Peers{Stage::self});
}

TEST_CASE("a source that fails is tried more and more slowly, unless there is no other") {
  Scene scene;
  scene.note(Stage::other(1));
  scene.note(Stage::other(2));
  scene.connect(Stage::other(2));
  for (int i = 0; i < 3; ++i) scene.sources.note_loss(Stage::other(1), CloseReason::lost, scene.stage.now);
  CHECK(scene.sources.promising() == 1);
  CHECK(scene.due() == Peers{Stage::other(1)});
  scene.stage.now += 8 * scene.stage.options.retry_delay - 1ns;
  CHECK(scene.due().empty());
  scene.stage.now += 1ns;
  CHECK(scene.due() == Peers{Stage::other(1)});
  scene.sources.note_delivery(Stage::other(1));
  CHECK(scene.sources.promising() == 2);

  Scene alone;
  alone.note(Stage::other(1));
  for (int i = 0; i < 3; ++i) alone.sources.note_loss(Stage::other(1), CloseReason::lost, alone.stage.now);
  CHECK(alone.due().size() == 1);
  alone.stage.now += alone.stage.options.retry_delay;
  CHECK(alone.due().size() == 1);
}

TEST_CASE("a source without room is left alone ever longer, and is no failure") {
  Scene scene;
  scene.note(Stage::other(1));
  scene.sources.note_loss(Stage::other(1), CloseReason::full, scene.stage.now);
  CHECK(scene.sources.promising() == 1);
  scene.stage.now += 2s - 1ns;
  CHECK(scene.due().empty());
  scene.stage.now += 1ns;
  CHECK(scene.due().size() == 1);
  scene.sources.note_loss(Stage::other(1), CloseReason::full, scene.stage.now);
  scene.stage.now += 4s - 1ns;
  CHECK(scene.due().empty());
  scene.sources.retry(Stage::other(1), scene.stage.now);
  CHECK(scene.due().size() == 1);
}

TEST_CASE("a stream may take longer to open after each failure, and where the round trip is long") {
  Scene scene;
  scene.note(Stage::other(1));
  CHECK(scene.sources.patience_with(Stage::other(9), 1s) == 1s);
  CHECK(scene.sources.patience_with(Stage::other(1), 1s) == 1s);
  scene.sources.note_loss(Stage::other(1), CloseReason::unreachable, scene.stage.now);
  CHECK(scene.sources.patience_with(Stage::other(1), 1s) == 2s);
  scene.sources.note_opened(Stage::other(1), 2s);
  CHECK(scene.sources.patience_with(Stage::other(1), 1s) == 6s);
  for (int i = 0; i < 20; ++i) scene.sources.note_loss(Stage::other(1), CloseReason::lost, scene.stage.now);
  CHECK(scene.sources.patience_with(Stage::other(1), 1s) == 30s);
}

TEST_CASE("the sources of one candidate are kept when it is chosen") {
  Scene scene;
  scene.note(Stage::other(1), true, 0);
  scene.note(Stage::other(2), true, 1);
  scene.note(Stage::other(3), true, 1);
  CHECK(scene.sources.of(1) == 2);
  scene.sources.keep_only(1);
  CHECK(scene.sources.of(0) == 2);
  CHECK_FALSE(scene.sources.has(Stage::other(1)));
}
