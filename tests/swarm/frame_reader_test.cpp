#include "protocols/swarm/wire/frame_reader.h"

#include <array>
#include <variant>
#include <vector>

#include "tests/catch.h"
#include "tests/swarm/speech.h"
#include "tests/swarm/stage.h"

using namespace peerbed;
using namespace peerbed::swarm;

namespace {

constexpr StreamId stream{2};

struct Scene {
  Stage stage{};
  FrameReader reader{};
  bool is_greeting = false;
  bool has_pieces = false;

  FrameReader::Heard read(Bytes bytes) {
    return stage.act([&](const Context& context) {
      return reader.read(context.environment, stream, bytes, is_greeting, has_pieces);
    });
  }
  FrameReader::Heard read(const Frame& frame) { return read(Speech().frame(frame).bytes()); }
  // How many bytes are asked for.
  std::uint64_t asked() const {
    const auto requests = stage.of(EffectKind::receive_bytes);
    return requests.size() == 1 ? requests[0].argument : 0;
  }
};

template <class What>
bool is(const FrameReader::Heard& heard) {
  return std::holds_alternative<What>(heard);
}

}  // namespace

TEST_CASE("a frame is heard as it was said, and one that is damaged is malformed") {
  Scene scene;
  scene.stage.act([&](const Context& context) { scene.reader.await(context.environment, stream); });
  CHECK(scene.asked() == frame_size);
  const Frame frame{FrameKind::request, 1, 2, 3};
  const auto heard = scene.read(frame);
  REQUIRE(is<Frame>(heard));
  CHECK(std::get<Frame>(heard) == frame);
  auto bytes = Speech().frame(frame).bytes();
  bytes[7] ^= std::byte{1};
  CHECK(is<FrameReader::Malformed>(scene.read(bytes)));
  CHECK(scene.asked() == 0);
}

TEST_CASE("a stream begins with a greeting, and has no second one") {
  Scene scene;
  const Frame hello{.kind = FrameKind::hello, .size = hello_size};
  CHECK(is<FrameReader::Malformed>(scene.read(hello)));
  scene.is_greeting = true;
  CHECK(is<FrameReader::Malformed>(scene.read(Frame{.kind = FrameKind::unchoke})));
  CHECK(is<FrameReader::Malformed>(scene.read(Frame{.kind = FrameKind::hello, .size = hello_size + 1})));
  CHECK(is<FrameReader::Unfinished>(scene.read(hello)));
  CHECK(scene.asked() == hello_size);
  const auto body = Speech().hello(root_of(3), 4000).bytes();
  const auto heard = scene.read(Bytes(body).subspan(frame_size));
  REQUIRE(is<Hello>(heard));
  CHECK(std::get<Hello>(heard) == Hello{root_of(3), 4000});
}

TEST_CASE("a goodbye may come before the greeting") {
  Scene scene;
  scene.is_greeting = true;
  CHECK(is<Frame>(scene.read(Frame{.kind = FrameKind::goodbye})));
}

TEST_CASE("pieces are announced once, with a body that their frame vouches for") {
  Scene scene;
  const auto speech = Speech().pieces(20).bytes();
  const Bytes frame = Bytes(speech).first(frame_size);
  const Bytes body = Bytes(speech).subspan(frame_size);
  CHECK(is<FrameReader::Unfinished>(scene.read(frame)));
  CHECK(scene.asked() == body.size());
  const auto heard = scene.read(body);
  REQUIRE(is<FrameReader::Pieces>(heard));
  CHECK(std::get<FrameReader::Pieces>(heard).body.size() == body.size());

  scene.stage.act([&](const Context& context) { scene.reader.await(context.environment, stream); });
  scene.has_pieces = true;
  CHECK(is<FrameReader::Malformed>(scene.read(frame)));
  scene.has_pieces = false;
  REQUIRE(is<FrameReader::Unfinished>(scene.read(frame)));
  std::vector<std::byte> other(body.begin(), body.end());
  other[0] ^= std::byte{1};
  CHECK(is<FrameReader::Malformed>(scene.read(other)));
}

TEST_CASE("the pieces of an empty file have no body, and too many are malformed") {
  Scene scene;
  CHECK(is<FrameReader::Pieces>(scene.read(Frame{.kind = FrameKind::pieces, .offset = codec::check_of(Bytes{})})));
  CHECK(is<FrameReader::Malformed>(scene.read(Frame{.kind = FrameKind::pieces, .offset = 1})));
  CHECK(is<FrameReader::Malformed>(
      scene.read(Frame{.kind = FrameKind::pieces, .size = static_cast<std::uint32_t>(maximum_pieces_body + 1)})));
}
