#include "protocols/swarm/exchange/uploads.h"

#include "tests/catch.h"
#include "tests/swarm/download_scene.h"

using namespace peerbed;
using namespace peerbed::swarm;
using namespace std::chrono_literals;

namespace {

using Verdict = Uploads::Verdict;

// This peer has the first two of four pieces.
struct Scene : DownloadScene {
  explicit Scene(std::uint64_t limit = 0) : uploads(limit) {
    file().map.restore(0);
    file().map.restore(1);
  }
  StreamId add_receiver(NodeIndex i) {
    const StreamId stream = add_source(i, 0);
    link(stream).slot.set_wanted(true);
    link(stream).slot.give(stage.now);
    return stream;
  }
  Verdict ask(StreamId stream, std::uint32_t piece, std::uint32_t offset = 0, std::uint32_t size = block_size) {
    return stage.act([&](const Context& context) {
      return uploads.take_request(context, links, &file(), link(stream), {FrameKind::request, piece, offset, size});
    });
  }
  void serve() {
    stage.act([&](const Context& context) { uploads.serve(context, links, files); });
  }
  // The network has taken all that it was given.
  void take_all() {
    for (Link& link : links)
      for (int i = 0; i < 2; ++i) link.uploads.note_sent();
  }
  // To whom blocks were sent, in order.
  std::vector<StreamId> sent() const {
    std::vector<StreamId> streams;
    for (const Effect& effect : stage.of(EffectKind::send_content)) streams.push_back(effect.stream);
    return streams;
  }
  Uploads uploads;
};

}  // namespace

TEST_CASE("what is asked for is sent, as the frame before it says") {
  Scene scene;
  const StreamId stream = scene.add_receiver(1);
  REQUIRE(scene.ask(stream, 1, DownloadScene::block_size) == Verdict::queued);
  scene.serve();
  CHECK(scene.said(stream, FrameKind::block) == 1);
  const auto content = scene.stage.of(EffectKind::send_content);
  REQUIRE(content.size() == 1);
  CHECK(range_in(scene.stage.effects.bytes_of(content[0])) ==
        ContentRange{scene.file().key(Part::data), DownloadScene::piece_size + DownloadScene::block_size,
                     DownloadScene::block_size});
  CHECK(scene.uploads.uploaded() == DownloadScene::block_size);
}

TEST_CASE("a request for what is not here is rejected, one without a slot is passed over, and an absurd one refused") {
  Scene scene;
  const StreamId stream = scene.add_receiver(1);
  CHECK(scene.ask(stream, 2) == Verdict::settled);
  CHECK(scene.said(stream, FrameKind::reject) == 1);
  CHECK(scene.ask(stream, 4) == Verdict::out_of_place);
  CHECK(scene.ask(stream, 0, 0, 0) == Verdict::out_of_place);
  CHECK(scene.ask(stream, 0, DownloadScene::piece_size, 1) == Verdict::out_of_place);
  CHECK(scene.ask(stream, 0, 1, DownloadScene::piece_size) == Verdict::out_of_place);
  CHECK(scene.ask(stream, 0, 0, UINT32_MAX) == Verdict::out_of_place);
  scene.link(stream).slot.take(scene.stage.now);
  CHECK(scene.ask(stream, 0) == Verdict::settled);
  CHECK(scene.link(stream).uploads.empty());
  scene.link(stream).slot.give(scene.stage.now);
  CHECK(scene.ask(stream, 0) == Verdict::settled);  // before the choke was seen
  CHECK(scene.link(stream).uploads.empty());
  scene.link(stream).slot.note_seen(scene.stage.now);
  while (!scene.link(stream).uploads.is_full()) REQUIRE(scene.ask(stream, 0) == Verdict::queued);
  CHECK(scene.ask(stream, 0) == Verdict::out_of_place);
}

TEST_CASE("a piece that has begun is finished before another stream's begins") {
  Scene scene;
  const StreamId one = scene.add_receiver(1);
  const StreamId other = scene.add_receiver(2);
  for (std::uint32_t block = 0; block < 4; ++block)
    REQUIRE(scene.ask(one, 0, block * DownloadScene::block_size) == Verdict::queued);
  REQUIRE(scene.ask(other, 0) == Verdict::queued);
  scene.serve();
  CHECK(scene.sent() == std::vector{one, one, other});  // the network takes no more of the first for now
  scene.take_all();
  for (std::uint32_t block = 1; block < 3; ++block)
    REQUIRE(scene.ask(other, 0, block * DownloadScene::block_size) == Verdict::queued);
  scene.serve();
  CHECK(scene.sent() == std::vector{other, other, one, one});
}

TEST_CASE("a block that is cancelled before it is sent is rejected instead") {
  Scene scene;
  const StreamId stream = scene.add_receiver(1);
  REQUIRE(scene.ask(stream, 0) == Verdict::queued);
  const auto cancel = [&] {
    scene.stage.act([&](const Context& context) {
      Uploads::take_cancel(context, scene.link(stream), {FrameKind::cancel, 0, 0, DownloadScene::block_size});
    });
    return scene.said(stream, FrameKind::reject);
  };
  CHECK(cancel() == 1);
  CHECK(cancel() == 0);
  scene.serve();
  CHECK(scene.sent().empty());
}

TEST_CASE("the upload limit is kept, and the rest is sent when it allows") {
  Scene scene(8 * DownloadScene::block_size);  // a block a second
  const StreamId stream = scene.add_receiver(1);
  for (int i = 0; i < 2; ++i) REQUIRE(scene.ask(stream, 0) == Verdict::queued);
  scene.serve();
  CHECK(scene.sent().size() == 1);
  const auto wait = scene.stage.timer(upload_timer);
  REQUIRE(wait.has_value());
  CHECK(*wait > 900ms);
  scene.serve();
  CHECK(scene.sent().empty());
  CHECK_FALSE(scene.stage.timer(upload_timer));  // it runs
  scene.stage.now += *wait;
  scene.stage.act([&](const Context& context) { scene.uploads.serve_on(context, scene.links, scene.files); });
  CHECK(scene.sent().size() == 1);
}

TEST_CASE("the manifest is sent once, and whoever asks for one that is not here hears so") {
  Scene scene;
  const StreamId stream = scene.add_receiver(1);
  const auto query = [&](const SharedFile* file) {
    return scene.stage.act(
        [&](const Context& context) { return Uploads::take_manifest_query(context, file, scene.link(stream)); });
  };
  CHECK_FALSE(query(nullptr));
  scene.file().state = SharedFile::State::seeking;
  CHECK(query(&scene.file()));
  REQUIRE(scene.said(stream, FrameKind::manifest) == 1);
  CHECK(scene.stage.frames(stream)[0].size == 0);
  scene.file().state = SharedFile::State::downloading;
  scene.file().manifest_size = 77;
  CHECK(query(&scene.file()));
  CHECK(scene.stage.frames(stream)[0].size == 77);
  CHECK(scene.sent().size() == 1);
  CHECK_FALSE(query(&scene.file()));
}
