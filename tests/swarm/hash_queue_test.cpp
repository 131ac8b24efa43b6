#include "protocols/swarm/files/hash_queue.h"

#include <vector>

#include "tests/catch.h"

using namespace peerbed;
using namespace peerbed::swarm;

TEST_CASE("pieces are hashed in their order, four at a time, until none is left") {
  HashQueue queue = HashQueue::of_all(6);
  for (std::uint32_t piece = 0; piece < 4; ++piece) CHECK(queue.next() == piece);
  CHECK_FALSE(queue.next());
  queue.note_hash();
  CHECK(queue.next() == 4U);
  CHECK_FALSE(queue.next());
  for (int i = 0; i < 4; ++i) queue.note_hash();
  CHECK(queue.next() == 5U);
  CHECK(queue.is_hashing());
  queue.note_hash();
  CHECK_FALSE(queue.is_hashing());
  CHECK_FALSE(queue.next());
}

TEST_CASE("only the pieces that are there are hashed") {
  Bitfield pieces(130);
  for (const std::size_t piece : {2, 64, 129}) pieces.set(piece);
  HashQueue queue(pieces);
  std::vector<std::uint32_t> hashed;
  while (const auto piece = queue.next()) hashed.push_back(*piece);
  CHECK(hashed == std::vector<std::uint32_t>{2, 64, 129});
}

TEST_CASE("where the rest is skipped, what is under way is still waited for") {
  HashQueue queue = HashQueue::of_all(10);
  queue.next();
  queue.skip_rest();
  CHECK_FALSE(queue.next());
  CHECK(queue.is_hashing());
  queue.note_hash();
  CHECK_FALSE(queue.is_hashing());
}

TEST_CASE("of nothing nothing is hashed") {
  CHECK_FALSE(HashQueue().next());
  CHECK_FALSE(HashQueue::of_all(0).next());
}
