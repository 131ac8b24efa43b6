#include "protocols/swarm/link/fragments.h"

#include <algorithm>

#include "protocols/environment/contract.h"

namespace peerbed::swarm {

void Fragments::divide(const PieceMap& map, Time now, Duration patience, std::span<const StreamId> ready,
                       std::uint64_t others) {
  PEERBED_CONTRACT(fragments_.empty(), "a file is cut once");
  if (divide_at_ == Time{}) divide_at_ = now + patience;
  if (others == 0 && !ready.empty()) return divide_among(map, ready.size(), ready);
  if (now < divide_at_) return;
  if (!ready.empty()) return divide_among(map, ready.size(), ready);
  if (now >= divide_at_ + 2 * patience) divide_among(map, std::max<std::uint64_t>(others, 1), {});
}

void Fragments::divide_among(const PieceMap& map, std::uint64_t count, std::span<const StreamId> owners) {
  const std::uint64_t blocks = map.blocks();
  const std::uint64_t step = (blocks + count - 1) / count;
  for (std::uint64_t begin = 0; begin < blocks; begin += step) {
    const std::size_t index = fragments_.size();
    fragments_.push_back({.begin = begin,
                          .end = std::min(begin + step, blocks),
                          .next = begin,
                          .owner = index < owners.size() ? owners[index] : StreamId{},
                          .lost = owners.empty(),
                          .afresh = owners.empty()});
  }
}

std::optional<Block> Fragments::next(const PieceMap& map, StreamId source, const Bitfield& theirs, bool is_asked) {
  for (Fragment& fragment : fragments_) {
    if (fragment.owner != source) continue;
    if (const auto block = next_in(map, fragment, theirs)) return block;
  }
  if (!is_asked) leave(source);
  const bool first_round = std::any_of(fragments_.begin(), fragments_.end(), [](const Fragment& fragment) {
    return !fragment.lost && !fragment.is_asked_for();
  });
  if (first_round) return std::nullopt;
  for (Fragment& fragment : fragments_) {
    if (fragment.owner != StreamId{}) continue;
    const auto block = next_in(map, fragment, theirs);
    if (!block) continue;
    fragment.owner = source;
    return block;
  }
  return std::nullopt;
}

// The first block of a range that nobody has been asked for and that the source has.
std::optional<Block> Fragments::next_in(const PieceMap& map, Fragment& fragment, const Bitfield& theirs) {
  while (!fragment.is_asked_for() && !map.is_free(map.block_at(fragment.next))) ++fragment.next;
  for (std::uint64_t number = fragment.next; number < fragment.end; ++number) {
    const Block block = map.block_at(number);
    if (theirs.test(block.piece) && map.is_free(block)) return block;
  }
  return std::nullopt;
}

void Fragments::reopen(const PieceMap& map, const Block& block) noexcept {
  const std::uint64_t number = map.number_of(block);
  for (Fragment& fragment : fragments_)
    if (number >= fragment.begin && number < fragment.next) fragment.next = number;
}

void Fragments::reopen_piece(const PieceMap& map, std::uint32_t piece) noexcept {
  const std::uint64_t first = map.number_of(Block{piece, 0, 0});
  const std::uint64_t last = map.number_of(Block{piece, map.geometry().size_of(piece) - 1, 0});
  for (Fragment& fragment : fragments_)
    if (first < fragment.next && last >= fragment.begin) fragment.next = std::max(first, fragment.begin);
}

void Fragments::leave(StreamId source) noexcept {
  for (Fragment& fragment : fragments_) {
    if (fragment.owner != source || fragment.is_asked_for()) continue;
    fragment.owner = StreamId{};
    fragment.lost = true;
  }
}

Fragments::Lost Fragments::lose(PieceMap& map, StreamId source, bool owes) {
  Lost lost;
  for (Fragment& fragment : fragments_) {
    if (fragment.owner != source || (fragment.is_asked_for() && !owes)) continue;
    if (!fragment.afresh)
      for (std::uint64_t number = fragment.begin; number < fragment.next; ++number)
        forget(map, map.block_at(number), lost);
    fragment.next = fragment.begin;
    fragment.owner = StreamId{};
    fragment.lost = fragment.afresh = true;
  }
  return lost;
}

void Fragments::forget(PieceMap& map, const Block& block, Lost& lost) {
  const OpenPiece* piece = map.find(block.piece);
  if (piece != nullptr && piece->hashing) return;  // all of it is here
  if (!map.is_missing(block)) lost.bytes += block.size;
  if (map.forget(block)) lost.pieces.push_back(block.piece);
}

}  // namespace peerbed::swarm
