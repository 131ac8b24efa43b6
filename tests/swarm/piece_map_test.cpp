#include "protocols/swarm/base/piece_map.h"

#include <rapidcheck.h>

#include <algorithm>
#include <array>
#include <set>
#include <vector>

#include "tests/catch.h"

using namespace peerbed;
using namespace peerbed::swarm;

namespace {

constexpr std::uint32_t piece = 256 * 1024;
constexpr std::uint32_t block = 64 * 1024;
constexpr Address one = Address::ipv4(1, 1);
constexpr Address other = Address::ipv4(2, 1);

Bitfield all_of(const PieceMap& map) {
  Bitfield bits(map.geometry().pieces());
  for (std::size_t i = 0; i < bits.size(); ++i) bits.set(i);
  return bits;
}

void fetch(PieceMap& map, std::uint32_t index, Address from) {
  OpenPiece& open = map.open(index, StreamId{1});
  while (const auto next = map.next_block(open))
    if (map.receive(*next, from)) return;
}

}  // namespace

TEST_CASE("the rarest piece is chosen, and among equals the first from the given place on") {
  PieceMap map({8 * std::uint64_t{piece}, piece}, block);
  const std::vector<std::uint16_t> availability{3, 1, 2, 1, 5, 1, 9, 4};
  CHECK(map.rarest(all_of(map), availability, 0) == 1);
  CHECK(map.rarest(all_of(map), availability, 2) == 3);
  CHECK(map.rarest(all_of(map), availability, 6) == 1);
  Bitfield theirs(8);
  theirs.set(6);
  theirs.set(7);
  CHECK(map.rarest(theirs, availability, 0) == 7);
  CHECK_FALSE(map.rarest(Bitfield(8), availability, 0));
}

TEST_CASE("no piece that is open or verified is chosen again") {
  PieceMap map({3 * std::uint64_t{piece}, piece}, block);
  const std::vector<std::uint16_t> availability(3);
  fetch(map, 0, one);
  map.accept(0);
  map.open(1, StreamId{1});
  CHECK(map.rarest(all_of(map), availability, 0) == 2);
  map.open(2, StreamId{1});
  CHECK_FALSE(map.rarest(all_of(map), availability, 0));
  CHECK(map.is_ending());
}

TEST_CASE("the blocks of a piece are asked for once each and cover it") {
  PieceMap map({std::uint64_t{piece} + 100'000, piece}, block);
  OpenPiece& open = map.open(1, StreamId{1});
  std::uint32_t covered = 0;
  while (const auto next = map.next_block(open)) {
    CHECK(next->offset == covered);
    covered += next->size;
    map.claim(*next);
  }
  CHECK(covered == 100'000);
}

TEST_CASE("a block that was released is asked for again, one that is here is not") {
  PieceMap map({piece, piece}, block);
  OpenPiece& open = map.open(0, StreamId{1});
  const Block first = *map.next_block(open);
  map.claim(first);
  const Block second = *map.next_block(open);
  map.claim(second);
  map.receive(first, one);
  map.release(first);
  map.release(second);
  CHECK_FALSE(map.is_missing(first));
  CHECK(map.next_block(open) == second);
}

TEST_CASE("a piece of one sender names it, a piece of two names nobody") {
  PieceMap map({2 * std::uint64_t{piece}, piece}, block);
  fetch(map, 0, one);
  CHECK(map.find(0)->contributor == one);
  CHECK_FALSE(map.find(0)->mixed);
  OpenPiece& open = map.open(1, StreamId{1});
  map.receive(*map.next_block(open), one);
  map.receive(*map.next_block(open), other);
  CHECK(map.find(1)->mixed);
}

TEST_CASE("a rejected piece is fetched anew as a whole, from one sender") {
  PieceMap map({piece, piece}, block);
  fetch(map, 0, one);
  CHECK(map.find(0)->hashing);
  map.reject(0);
  CHECK(map.is_wanted(0));
  OpenPiece& open = map.open(0, StreamId{5});
  CHECK(open.lone);
  map.receive(*map.next_block(open), other);
  map.disown(StreamId{5});  // its sender is gone: what came from it does not count
  CHECK(map.find(0)->received == 0);
}

TEST_CASE("large pieces have larger blocks, so that there are never more than 64") {
  PieceMap map({4 * 1024 * 1024, 4 * 1024 * 1024}, 16 * 1024);
  CHECK(map.block_size() == 64 * 1024);
  OpenPiece& open = map.open(0, StreamId{1});
  std::size_t count = 0;
  for (auto next = map.next_block(open); next; next = map.next_block(open), ++count) map.claim(*next);
  CHECK(count == 64);
}

TEST_CASE("claims are counted for each block, up to seven") {
  CHECK(rc::check([] {
    Claims claims;
    std::array<unsigned, 64> counts{};
    const auto steps = *rc::gen::inRange(0, 300);
    for (int i = 0; i < steps; ++i) {
      const auto bits = *rc::gen::arbitrary<std::uint64_t>();
      const bool adds = *rc::gen::inRange(0, 3) > 0;
      adds ? claims.add(bits) : claims.remove(bits);
      for (unsigned block = 0; block < 64; ++block) {
        unsigned& count = counts[block];
        if ((bits >> block & 1) != 0) count = adds ? std::min(count + 1, 7U) : count - std::min(count, 1U);
        RC_ASSERT(claims.count(block) == count);
        RC_ASSERT((claims.any() >> block & 1) == (count > 0 ? 1U : 0U));
      }
    }
  }));
}

TEST_CASE("a block that was asked of two is free when both have been given up") {
  PieceMap map({piece, piece}, block);
  const Block first{0, 0, block};
  CHECK(map.is_free(first));
  map.claim(first);
  map.claim(first);
  CHECK(map.claims(first) == 2);
  map.release(first);
  CHECK_FALSE(map.is_free(first));
  map.release(first);
  CHECK(map.is_free(first));
}

TEST_CASE("whatever happens to them, every piece can be completed") {
  CHECK(rc::check([] {
    const auto size = *rc::gen::inRange<std::uint64_t>(1, 6 * std::uint64_t{piece});
    PieceMap map({size, piece}, block);
    const std::vector<std::uint16_t> availability(map.geometry().pieces());
    const auto steps = *rc::gen::inRange(0, 200);
    std::vector<Block> asked;
    for (int i = 0; i < steps; ++i) {
      const auto choice = *rc::gen::inRange(0, 5);
      if (choice <= 1) {
        if (map.open_pieces().empty() || choice == 1)
          if (const auto rare = map.rarest(all_of(map), availability, 0)) map.open(*rare, StreamId{3});
        if (!map.open_pieces().empty())
          if (const auto next = map.next_block(map.open_pieces().back())) {
            map.claim(*next);
            asked.push_back(*next);
          }
      } else if (!asked.empty()) {
        const Block done = asked.back();
        asked.pop_back();
        map.release(done);
        if (choice == 3 && map.is_missing(done) && map.receive(done, one))
          *rc::gen::arbitrary<bool>() ? map.accept(done.piece) : map.reject(done.piece);
        if (choice == 4) map.forget(done);
      }
    }
    for (const Block& rest : asked) map.release(rest);
    while (const auto rare = map.rarest(all_of(map), availability, 0)) map.open(*rare, StreamId{3});
    while (!map.open_pieces().empty()) {
      const std::uint32_t index = map.open_pieces().front().piece;
      const auto next = map.next_block(*map.find(index));
      RC_ASSERT(next.has_value());
      if (map.receive(*next, one)) map.accept(index);
    }
    RC_ASSERT(map.complete());
    RC_ASSERT(map.verified().full());
  }));
}
