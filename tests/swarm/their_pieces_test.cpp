#include "protocols/swarm/link/their_pieces.h"

#include <array>
#include <cstddef>
#include <vector>

#include "tests/catch.h"

using namespace peerbed;
using namespace peerbed::swarm;

namespace {

using News = TheirPieces::News;

constexpr std::uint32_t piece_size = 64 * 1024;

// Ten pieces, of which the first is here.
struct Scene {
  Scene() { map.restore(0); }
  PieceMap map{{10 * std::uint64_t{piece_size}, piece_size}, piece_size};
  std::vector<std::uint16_t> availability = std::vector<std::uint16_t>(10);
  TheirPieces theirs{};
};

constexpr std::array announced{std::byte{0b1110'0000}, std::byte{0b0100'0000}};  // 0, 1, 2 and 9

}  // namespace

TEST_CASE("what the other side has is counted, and what of it is wanted") {
  Scene scene;
  CHECK_FALSE(scene.theirs.is_announced());
  REQUIRE(scene.theirs.take(announced, scene.map, scene.availability));
  CHECK(scene.theirs.is_announced());
  CHECK(scene.theirs.count() == 4);
  CHECK(scene.theirs.wanted() == 3);
  CHECK(scene.theirs.has(9));
  CHECK_FALSE(scene.theirs.has(3));
  CHECK(scene.availability == std::vector<std::uint16_t>{1, 1, 1, 0, 0, 0, 0, 0, 0, 1});
  scene.theirs.leave(scene.availability);
  CHECK(scene.availability == std::vector<std::uint16_t>(10));
}

TEST_CASE("what does not fit the file is refused, and counts nothing") {
  Scene scene;
  CHECK_FALSE(scene.theirs.take(Bytes(announced).first(1), scene.map, scene.availability));
  constexpr std::array too_many{std::byte{0xFF}, std::byte{0xFF}};
  CHECK_FALSE(scene.theirs.take(too_many, scene.map, scene.availability));
  CHECK(scene.theirs.count() == 0);
  CHECK(scene.availability == std::vector<std::uint16_t>(10));
}

TEST_CASE("what is announced before the manifest is here is held, with what comes to it") {
  Scene scene;
  CHECK(scene.theirs.hold_new(3) == News::malformed);  // nothing was announced
  scene.theirs.hold(announced);
  CHECK_FALSE(scene.theirs.is_known());
  CHECK(scene.theirs.hold_new(3) == News::nothing);
  CHECK(scene.theirs.hold_new(16) == News::malformed);
  REQUIRE(scene.theirs.take_held(scene.map, scene.availability));
  CHECK(scene.theirs.count() == 5);
  CHECK(scene.theirs.has(3));
  CHECK(scene.availability[3] == 1);
}

TEST_CASE("a new piece is counted once") {
  Scene scene;
  REQUIRE(scene.theirs.take(std::array{std::byte{0}, std::byte{0}}, scene.map, scene.availability));
  CHECK(scene.theirs.take_new(5, scene.map, scene.availability) == News::wanted);
  CHECK(scene.theirs.take_new(5, scene.map, scene.availability) == News::nothing);
  CHECK(scene.theirs.take_new(0, scene.map, scene.availability) == News::unwanted);
  CHECK(scene.theirs.take_new(10, scene.map, scene.availability) == News::malformed);
  CHECK(scene.theirs.count() == 2);
  CHECK(scene.theirs.wanted() == 1);
  CHECK(scene.availability[5] == 1);
  CHECK_FALSE(scene.theirs.is_whole());
  for (std::uint32_t piece = 0; piece < 10; ++piece) scene.theirs.take_new(piece, scene.map, scene.availability);
  CHECK(scene.theirs.is_whole());
}

TEST_CASE("a piece that the other side lacks after all is counted no more") {
  Scene scene;
  REQUIRE(scene.theirs.take(announced, scene.map, scene.availability));
  CHECK(scene.theirs.take_back(1, scene.map, scene.availability));
  CHECK_FALSE(scene.theirs.take_back(1, scene.map, scene.availability));
  CHECK(scene.theirs.take_back(0, scene.map, scene.availability));  // which was not wanted
  CHECK(scene.theirs.count() == 2);
  CHECK(scene.theirs.wanted() == 2);
  CHECK(scene.availability[1] == 0);
}

TEST_CASE("what is verified here is wanted no more, and what is lost is wanted again") {
  Scene scene;
  REQUIRE(scene.theirs.take(announced, scene.map, scene.availability));
  CHECK(scene.theirs.note_verified(1));
  CHECK_FALSE(scene.theirs.note_verified(3));
  CHECK(scene.theirs.wanted() == 2);
  CHECK(scene.theirs.note_missing(1));
  CHECK_FALSE(scene.theirs.note_missing(3));
  CHECK(scene.theirs.wanted() == 3);
}
