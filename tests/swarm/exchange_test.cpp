#include "protocols/swarm/exchange/exchange.h"

#include <utility>
#include <vector>

#include "tests/catch.h"
#include "tests/swarm/speech.h"
#include "tests/swarm/stage.h"

using namespace peerbed;
using namespace peerbed::swarm;
using namespace std::chrono_literals;

namespace {

constexpr std::uint32_t piece_size = 64 * 1024;
constexpr std::uint32_t pieces = 4;
constexpr std::uint16_t port = Stage::other(1).port();

struct Scene {
  template <class Act>
  decltype(auto) act(Act&& act) {
    return stage.act([&](const Context& context) -> decltype(auto) {
      return act(ExchangeContext{context, files, pulse});
    });
  }
  SharedFile& add_file(SharedFile::State state) {
    SharedFile file;
    file.number = 1;
    file.state = state;
    file.root = root_of(1);
    file.names = {"film"};
    file.set_manifest(
        {.geometry = {std::uint64_t{pieces} * piece_size, piece_size}, .pieces = std::vector<Digest>(pieces)},
        16 * 1024);
    if (state == SharedFile::State::complete) {
      for (std::uint32_t piece = 0; piece < pieces; ++piece) file.map.restore(piece);
    } else {
      file.download.emplace().last_progress = stage.now;
    }
    return files.add(std::move(file));
  }

  // What happens on streams; all that was recorded meanwhile is in the stage, for the last one alone.
  FileNumber tell(StreamId stream, StreamEventKind kind, Bytes bytes = {}, Address peer = {}) {
    return act([&](const ExchangeContext& context) {
      const LinkTable::Sweeper sweeper(exchange.links());
      return exchange.take(context, {.stream = stream, .kind = kind, .peer = peer, .bytes = bytes, .range = {}});
    });
  }
  void hear(StreamId stream, Bytes bytes) { (void)tell(stream, StreamEventKind::bytes_received, bytes); }
  void hear(StreamId stream, const Frame& frame) { hear(stream, Speech().frame(frame).bytes()); }
  void hear_hello(StreamId stream, const Root& root) {
    const auto speech = Speech().hello(root, port).bytes();
    hear(stream, Bytes(speech).first(frame_size));
    hear(stream, Bytes(speech).subspan(frame_size));
  }
  StreamId accept(NodeIndex i, std::uint32_t stream) {
    (void)tell(StreamId{stream}, StreamEventKind::accepted, {}, Stage::other(i));
    return StreamId{stream};
  }
  // A source that has all of the file, and does not choke this peer.
  StreamId add_source(NodeIndex i) {
    SharedFile& file = files[0];
    file.download->search.sources().note(Stage::self, stage.now, 1s, Stage::other(i), 0, true);
    act([&](const ExchangeContext& context) { (void)exchange.connect(context, file); });
    REQUIRE(stage.of(EffectKind::open_stream).size() == 1);
    const StreamId stream = stage.of(EffectKind::open_stream)[0].stream;
    (void)tell(stream, StreamEventKind::opened);
    hear_hello(stream, file.root);
    const auto speech = Speech().pieces(pieces).bytes();
    hear(stream, Bytes(speech).first(frame_size));
    hear(stream, Bytes(speech).subspan(frame_size));
    hear(stream, Frame{.kind = FrameKind::unchoke});
    return stream;
  }
  std::vector<Block> requested(StreamId stream) const {
    std::vector<Block> blocks;
    for (const Frame& frame : stage.frames(stream))
      if (frame.kind == FrameKind::request) blocks.push_back({frame.piece, frame.offset, frame.size});
    return blocks;
  }
  const Link* link(StreamId stream) { return exchange.links().find(stream); }
  CloseReason farewell(StreamId stream) const {
    const auto frames = stage.frames(stream);
    REQUIRE_FALSE(frames.empty());
    REQUIRE(frames.back().kind == FrameKind::goodbye);
    return close_reason_of(frames.back().piece);
  }

  Stage stage{};
  FileTable files{};
  Pulse pulse{};
  Exchange exchange{stage.options};
};

}  // namespace

TEST_CASE("a caller for a file that is here is greeted, and told what is here") {
  Scene scene;
  scene.add_file(SharedFile::State::complete);
  const StreamId stream = scene.accept(1, 2);
  CHECK(scene.exchange.is_busy());
  CHECK(scene.stage.timer(pulse_timer));
  scene.hear_hello(stream, root_of(1));
  REQUIRE(scene.link(stream) != nullptr);
  CHECK(scene.link(stream)->is_open());
  const auto frames = scene.stage.frames(stream);
  REQUIRE(frames.size() == 2);
  CHECK(frames[0].kind == FrameKind::hello);
  CHECK(frames[1].kind == FrameKind::pieces);
  CHECK_FALSE(scene.exchange.is_busy());
}

TEST_CASE("a caller for a file that is not here is told so") {
  Scene scene;
  scene.add_file(SharedFile::State::complete);
  const StreamId stream = scene.accept(1, 2);
  scene.hear_hello(stream, root_of(2));
  CHECK(scene.farewell(stream) == CloseReason::not_shared);
  CHECK(scene.exchange.links().size() == 0);
  CHECK(scene.exchange.is_busy());  // the other side is not done
}

TEST_CASE("what is malformed ends its link without a word") {
  Scene scene;
  scene.add_file(SharedFile::State::complete);
  const StreamId stream = scene.accept(1, 2);
  scene.hear_hello(stream, root_of(1));
  scene.hear(stream, std::vector<std::byte>(frame_size));
  CHECK(scene.stage.traces(TraceEvent::frame_refused) == 1);
  CHECK(scene.stage.of(EffectKind::reset_stream).size() == 1);
  CHECK(scene.link(stream) == nullptr);
}

TEST_CASE("more callers than twice the connections of a file are not heard") {
  Scene scene;
  scene.stage.options.maximum_connections = 2;
  for (std::uint32_t i = 1; i <= 4; ++i) scene.accept(i, 2 * i);
  CHECK(scene.exchange.links().size() == 4);
  const StreamId stream = scene.accept(5, 10);
  CHECK(scene.exchange.links().size() == 4);
  CHECK(scene.farewell(stream) == CloseReason::full);
}

TEST_CASE("a caller that says nothing is let go") {
  Scene scene;
  scene.accept(1, 2);
  scene.stage.now += 10 * scene.stage.options.connect_timeout;
  scene.act([&](const ExchangeContext& context) {
    const LinkTable::Sweeper sweeper(scene.exchange.links());
    scene.exchange.end_overdue(context);
  });
  CHECK(scene.stage.traces(TraceEvent::link_closed) == 1);
  CHECK(scene.exchange.links().size() == 0);
}

TEST_CASE("what was asked on a stream that is gone is asked of another source") {
  Scene scene;
  scene.add_file(SharedFile::State::downloading);
  const StreamId first = scene.add_source(1);
  const auto asked = scene.requested(first);
  CHECK(asked.size() == 8);
  const StreamId second = scene.add_source(2);
  CHECK(scene.requested(second).size() == 8);
  (void)scene.tell(first, StreamEventKind::reset);
  CHECK(scene.stage.traces(TraceEvent::source_lost) == 1);
  CHECK(scene.link(first) == nullptr);
  CHECK(scene.files[0].map.claims(asked[0]) == 0);
  CHECK(scene.files[0].availability[0] == 1);
  const auto begun = scene.link(second)->requests.unanswered()[0].block;
  scene.hear(second, Frame{FrameKind::block, begun.piece, begun.offset, begun.size});
  CHECK(scene.tell(second, StreamEventKind::content_received) == 0);
  CHECK(scene.link(second)->requests.outstanding() > 0);
}

TEST_CASE("a block that the disk does not take names its download") {
  Scene scene;
  const FileNumber number = scene.add_file(SharedFile::State::downloading).number;
  const StreamId stream = scene.add_source(1);
  const Block block = scene.requested(stream).at(0);
  scene.hear(stream, Frame{FrameKind::block, block.piece, block.offset, block.size});
  CHECK(scene.tell(stream, StreamEventKind::content_lost) == number);
}

TEST_CASE("whoever is blamed is banned, loses its link, and is no source any more") {
  Scene scene;
  SharedFile& file = scene.add_file(SharedFile::State::downloading);
  const StreamId stream = scene.add_source(1);
  scene.act([&](const ExchangeContext& context) { scene.exchange.blame(context, file, Stage::other(1)); });
  CHECK(scene.stage.traces(TraceEvent::source_banned) == 1);
  CHECK(scene.link(stream) == nullptr);
  CHECK_FALSE(file.download->search.sources().has(Stage::other(1)));
  const StreamId again = scene.accept(1, 2);
  scene.hear_hello(again, root_of(1));
  CHECK(scene.link(again) == nullptr);
}

TEST_CASE("a source that asks for nothing and says nothing is kept, and one that owes a block is let go") {
  Scene scene;
  SharedFile& file = scene.add_file(SharedFile::State::downloading);
  const StreamId stream = scene.add_source(1);
  const auto look_after = [&] {
    return scene.act([&](const ExchangeContext& context) { return scene.exchange.look_after(context, file); });
  };
  CHECK(look_after());
  scene.stage.now += 5 * scene.stage.options.block_timeout;
  CHECK(look_after());
  CHECK(scene.stage.traces(TraceEvent::ranges_reassigned) == 1);
  CHECK(scene.link(stream) != nullptr);
  scene.stage.now += 5 * scene.stage.options.block_timeout;
  CHECK(look_after());
  CHECK(scene.link(stream) == nullptr);
  scene.stage.now += scene.stage.options.give_up;
  CHECK_FALSE(look_after());
}

TEST_CASE("the links of a file that is removed end without a word, and those of one that is given up with one") {
  for (const bool is_removed : {false, true}) {
    Scene scene;
    const FileNumber number = scene.add_file(SharedFile::State::complete).number;
    const StreamId stream = scene.accept(1, 2);
    scene.hear_hello(stream, root_of(1));
    scene.act([&](const ExchangeContext& context) {
      is_removed ? scene.exchange.cut_all(context, number)
                 : scene.exchange.drop_all(context, number, CloseReason::given_up);
    });
    CHECK(scene.stage.traces(TraceEvent::link_closed) == 1);
    CHECK(scene.stage.of(EffectKind::reset_stream).size() == (is_removed ? 1 : 0));
    CHECK(scene.stage.frames(stream).size() == (is_removed ? 0 : 1));
  }
}

TEST_CASE("who leaves ends all links, and hears no caller") {
  Scene scene;
  scene.add_file(SharedFile::State::complete);
  const StreamId stream = scene.accept(1, 2);
  scene.hear_hello(stream, root_of(1));
  scene.act([&](const ExchangeContext& context) { scene.exchange.leave(context); });
  CHECK(scene.exchange.is_leaving());
  CHECK(scene.link(stream) == nullptr);
  scene.accept(2, 4);
  CHECK(scene.stage.of(EffectKind::reset_stream).size() == 1);
}
