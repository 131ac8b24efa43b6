#include "protocols/swarm/link/upload_queue.h"

#include "protocols/swarm/files/given_pieces.h"
#include "protocols/swarm/link/advice.h"
#include "tests/catch.h"

using namespace peerbed;
using namespace peerbed::swarm;

namespace {

constexpr std::uint32_t size = 16 * 1024;
constexpr Geometry two_pieces{4 * size, 2 * size};

}  // namespace

TEST_CASE("blocks are sent in the order in which they were asked for, two at a time") {
  UploadQueue queue;
  for (const std::uint32_t offset : {size, 0U}) queue.add({0, offset, size});
  queue.add({1, 0, size});
  CHECK(queue.send(two_pieces).block == Block{0, size, size});
  REQUIRE(queue.may_send());
  CHECK(queue.send(two_pieces).block == Block{0, 0, size});
  CHECK_FALSE(queue.may_send());
  queue.note_sent();
  REQUIRE(queue.may_send());
  CHECK(queue.send(two_pieces).block == Block{1, 0, size});
  CHECK(queue.empty());
  CHECK_FALSE(queue.is_idle());
  queue.note_sent();
  queue.note_sent();
  CHECK(queue.is_idle());
  CHECK(queue.sent() == 3 * size);
}

TEST_CASE("a turn is over at the end of a piece, or after as much of several") {
  UploadQueue queue;
  const auto ends_turn = [&](const Block& block) {
    queue.add(block);
    const bool is_over = queue.send(two_pieces).ends_turn;
    queue.note_sent();
    CHECK(queue.is_in_turn() == !is_over);
    return is_over;
  };
  CHECK_FALSE(ends_turn({0, 0, size}));
  CHECK(ends_turn({0, size, size}));
  CHECK_FALSE(ends_turn({0, 0, size}));
  CHECK(ends_turn({1, 0, size}));
  CHECK(ends_turn({1, size, size}));
}

TEST_CASE("what is cancelled before it is sent is not sent") {
  UploadQueue queue;
  queue.add({0, 0, size});
  queue.add({1, 0, size});
  CHECK(queue.cancel({0, 0, size}));
  CHECK_FALSE(queue.cancel({0, 0, size}));
  CHECK(queue.send(two_pieces).block == Block{1, 0, size});
  CHECK_FALSE(queue.cancel({1, 0, size}));
  while (!queue.is_full()) queue.add({0, 0, size});
  CHECK(queue.waiting().size() == maximum_requests);
  queue.clear();
  CHECK(queue.empty());
}

TEST_CASE("advice that is followed or over makes room for more") {
  Advice advice;
  for (const std::uint32_t piece : {5U, 7U, 9U}) advice.add(piece);
  CHECK(advice.follow(7));
  CHECK_FALSE(advice.follow(7));
  REQUIRE(advice.size() == 2);
  CHECK(advice.pieces()[1] == 9);
  advice.remove_if([](std::uint32_t piece) { return piece == 5; });
  REQUIRE(advice.size() == 1);
  CHECK(advice.pieces()[0] == 9);
  CHECK(advice.follow(9));
  CHECK(advice.empty());
}

TEST_CASE("how often a piece was given neither runs over nor below nothing") {
  GivenPieces given(2);
  given.withdraw(1);
  CHECK(given.count(1) == 0);
  for (int i = 0; i < 70'000; ++i) given.add(1);
  CHECK(given.count(1) == UINT16_MAX);
  given.withdraw(1);
  CHECK(given.count(1) == UINT16_MAX - 1);
  CHECK(given.count(0) == 0);
}
