#include "protocols/swarm/exchange/block_choice.h"

#include <optional>

#include "tests/catch.h"
#include "tests/swarm/download_scene.h"

using namespace peerbed;
using namespace peerbed::swarm;
using namespace std::chrono_literals;

namespace {

struct Scene : DownloadScene {
  using DownloadScene::DownloadScene;
  // The block that a source is to be asked for; it is claimed.
  std::optional<Block> choose(StreamId source) {
    const auto block =
        stage.act([&](const Context& context) { return choose_block(context, links, file(), link(source)); });
    if (block) link(source).requests.add(file().fetching(), *block, stage.now);
    return block;
  }
};

}  // namespace

TEST_CASE("a source goes on with the piece that it is at, and then begins the rarest") {
  Scene scene(4);
  const StreamId common = scene.add_source(1, 3);
  const StreamId rare = scene.add_source(2);
  for (std::uint32_t offset = 0; offset < 4; ++offset)
    CHECK(scene.choose(rare) == Block{3, offset * DownloadScene::block_size, DownloadScene::block_size});
  CHECK(scene.choose(common)->piece != scene.choose(rare)->piece);
}

TEST_CASE("what a source suggests comes before what is rare, unless it lacks it") {
  Scene scene(16);
  const StreamId stream = scene.add_source(1, 12);
  scene.link(stream).suggestions.add(14, scene.stage.now);
  scene.link(stream).suggestions.add(11, scene.stage.now);
  CHECK(scene.choose(stream)->piece == 11);
}

TEST_CASE("a source that spreads the file is not asked for other pieces than it suggests, until it falls silent") {
  Scene scene(16);
  const StreamId stream = scene.add_source(1);
  scene.link(stream).suggestions.add(11, scene.stage.now);
  for (int i = 0; i < 4; ++i) REQUIRE(scene.choose(stream));
  CHECK_FALSE(scene.choose(stream));
  scene.link(stream).requests.void_all(scene.file().fetching(), stream, false);
  scene.stage.now += 500ms;
  CHECK(scene.choose(stream));
}

TEST_CASE("at the end a much quicker source is asked for a block that another is slow with") {
  Scene scene(1);
  const StreamId slow = scene.add_source(1);
  while (scene.choose(slow)) continue;
  const StreamId quick = scene.add_source(2);
  scene.stage.now += 10s;
  CHECK_FALSE(scene.choose(quick));  // its pace is not known
  SourceRequests& requests = scene.link(quick).requests;
  requests.add(scene.file().fetching(), scene.block(0), scene.stage.now);
  REQUIRE(requests.begin_arrival(scene.block(0), scene.stage.now));
  requests.set_place(scene.file().fetching(), false);
  scene.stage.now += 10ms;
  requests.note_delivery(scene.stage.now);
  requests.end_arrival(scene.file().fetching());
  const auto copy = scene.choose(quick);
  REQUIRE(copy);
  CHECK(scene.file().map.is_doubled(*copy));
  CHECK(scene.file().map.claims(*copy) == 2);
}

TEST_CASE("a source whose pace is known is asked for what it delivers in two round trips and a margin") {
  DownloadScene scene(64);
  scene.stage.options.most_outstanding = 1000;
  Link& link = scene.link(scene.add_source(1));
  const auto target = [&] { return target_outstanding(scene.stage.options, scene.file(), link); };
  CHECK(target() == 8 * DownloadScene::block_size);
  for (std::uint64_t i = 0; i < 50; ++i) {
    link.requests.add(scene.file().fetching(), scene.block(i), scene.stage.now);
    REQUIRE(link.requests.begin_arrival(scene.block(i), scene.stage.now + 10ms));
    link.requests.set_place(scene.file().fetching(), true);
    scene.stage.now += 20ms;
    link.requests.note_delivery(scene.stage.now);
    link.requests.end_arrival(scene.file().fetching());
  }
  // 16 KiB in 10 ms, for twice 10 ms and the margin of 50 ms
  CHECK(static_cast<double>(target()) == Approx(2 * 1'638'400 * 0.060).epsilon(0.05));
}
