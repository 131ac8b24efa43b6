#include "protocols/swarm/link/fragments.h"

#include <array>
#include <vector>

#include "tests/catch.h"

using namespace peerbed;
using namespace peerbed::swarm;
using namespace std::chrono_literals;

namespace {

constexpr std::uint32_t piece_size = 64 * 1024;
constexpr std::uint32_t block_size = 16 * 1024;
constexpr std::array sources{StreamId{1}, StreamId{3}};
constexpr Time now = time_zero + 10s;

PieceMap map_of(std::uint32_t pieces) { return PieceMap({std::uint64_t{pieces} * piece_size, piece_size}, block_size); }

Bitfield all_of(const PieceMap& map) {
  Bitfield bits(map.geometry().pieces());
  for (std::size_t i = 0; i < bits.size(); ++i) bits.set(i);
  return bits;
}

// Asks a source for all that it may be asked for, up to `most` blocks; their numbers.
std::vector<std::uint64_t> ask_all(Fragments& fragments, PieceMap& map, StreamId source, std::size_t most = 1000) {
  std::vector<std::uint64_t> numbers;
  while (numbers.size() < most) {
    const auto block = fragments.next(map, source, all_of(map), true);
    if (!block) break;
    map.claim(*block);
    numbers.push_back(map.number_of(*block));
  }
  return numbers;
}

std::vector<std::uint64_t> numbers(std::uint64_t begin, std::uint64_t end) {
  std::vector<std::uint64_t> all;
  for (; begin < end; ++begin) all.push_back(begin);
  return all;
}

}  // namespace

TEST_CASE("each of the sources that are ready gets an equal range of its own") {
  PieceMap map = map_of(3);
  Fragments fragments;
  fragments.divide(map, now, 1s, sources, 0);
  CHECK(ask_all(fragments, map, sources[0]) == numbers(0, 6));
  CHECK(ask_all(fragments, map, sources[1]) == numbers(6, 12));
}

TEST_CASE("a file is cut when all sources are ready, or those that are not have had their time") {
  PieceMap map = map_of(3);
  Fragments fragments;
  fragments.divide(map, now, 1s, sources, 1);
  CHECK(fragments.empty());
  fragments.divide(map, now + 1s - 1ns, 1s, sources, 1);
  CHECK(fragments.empty());
  fragments.divide(map, now + 1s, 1s, sources, 1);
  CHECK_FALSE(fragments.empty());
}

TEST_CASE("where no source is ready the ranges are anybody's in the end") {
  PieceMap map = map_of(3);
  Fragments fragments;
  for (const Duration later : {0s, 1s, 2s}) fragments.divide(map, now + later, 1s, {}, 2);
  CHECK(fragments.empty());
  fragments.divide(map, now + 3s, 1s, {}, 2);
  REQUIRE_FALSE(fragments.empty());
  CHECK(ask_all(fragments, map, StreamId{9}) == numbers(0, 12));
}

TEST_CASE("a range that its source leaves is another's when the others are asked for") {
  PieceMap map = map_of(3);
  Fragments fragments;
  fragments.divide(map, now, 1s, sources, 0);
  map.claim(*fragments.next(map, sources[0], all_of(map), true));
  fragments.leave(sources[0]);
  CHECK(ask_all(fragments, map, StreamId{9}).empty());  // the second source is not done
  CHECK(ask_all(fragments, map, sources[1], 6) == numbers(6, 12));
  CHECK_FALSE(fragments.next(map, sources[1], Bitfield(3), true));  // its range is at its end
  CHECK(ask_all(fragments, map, StreamId{9}) == numbers(1, 6));
}

TEST_CASE("what came of a lost range does not count any more, but once it was fetched anew it stays") {
  PieceMap map = map_of(2);
  Fragments fragments;
  fragments.divide(map, now, 1s, sources, 0);
  const Address peer = Address::ipv4(1, 1);
  for (const std::uint64_t number : ask_all(fragments, map, sources[0])) {
    map.release(map.block_at(number));
    map.receive(map.block_at(number), peer);
  }
  map.accept(0);
  const auto lost = fragments.lose(map, sources[0], true);
  CHECK(lost.bytes == piece_size);
  CHECK(lost.pieces == std::vector<std::uint32_t>{0});
  CHECK_FALSE(map.verified().test(0));

  REQUIRE(ask_all(fragments, map, sources[1], 4) == numbers(4, 8));
  CHECK_FALSE(fragments.next(map, sources[1], Bitfield(2), true));  // its range is at its end
  const auto anew = ask_all(fragments, map, StreamId{9});
  REQUIRE(anew == numbers(0, 4));
  map.receive(map.block_at(0), peer);
  const auto again = fragments.lose(map, StreamId{9}, true);
  CHECK(again.bytes == 0);
  CHECK(again.pieces.empty());
  CHECK_FALSE(map.is_missing(map.block_at(0)));
}

TEST_CASE("a source that has delivered its range takes nothing with it") {
  PieceMap map = map_of(2);
  Fragments fragments;
  fragments.divide(map, now, 1s, sources, 0);
  ask_all(fragments, map, sources[0]);
  CHECK(fragments.lose(map, sources[0], false).bytes == 0);
}

TEST_CASE("a block that will not come, and a piece that failed its hash, are asked for again") {
  PieceMap map = map_of(3);
  Fragments fragments;
  fragments.divide(map, now, 1s, sources, 0);
  ask_all(fragments, map, sources[0]);
  map.release(map.block_at(2));
  CHECK_FALSE(fragments.next(map, sources[0], all_of(map), true));
  fragments.reopen(map, map.block_at(2));
  CHECK(ask_all(fragments, map, sources[0]) == numbers(2, 3));

  for (const std::uint64_t number : numbers(0, 4)) map.release(map.block_at(number));
  fragments.reopen_piece(map, 0);
  CHECK(ask_all(fragments, map, sources[0]) == numbers(0, 4));
}
