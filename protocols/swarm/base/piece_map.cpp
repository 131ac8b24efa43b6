#include "protocols/swarm/base/piece_map.h"

#include <algorithm>
#include <bit>
#include <utility>

namespace peerbed::swarm {

PieceMap::PieceMap(const Geometry& geometry, std::uint32_t block_size)
    : geometry_(geometry),
      block_size_(std::min(std::max(block_size, geometry.piece_size / 64), geometry.piece_size)),
      verified_(geometry.pieces()),
      busy_(geometry.pieces()),
      lone_(geometry.pieces()) {}

std::optional<std::uint32_t> PieceMap::rarest(const Bitfield& theirs, std::span<const std::uint16_t> availability,
                                              std::uint32_t start) const noexcept {
  const std::uint32_t pieces = geometry_.pieces();
  std::uint64_t best = UINT64_MAX;  // availability, then distance from the start
  std::uint32_t found = 0;
  for (std::size_t w = 0; w < theirs.words(); ++w) {
    std::uint64_t candidates = theirs.word(w) & ~verified_.word(w) & ~busy_.word(w);
    for (; candidates != 0; candidates &= candidates - 1) {
      const auto piece = static_cast<std::uint32_t>(64 * w) + static_cast<std::uint32_t>(std::countr_zero(candidates));
      const std::uint32_t distance = piece >= start ? piece - start : piece + pieces - start;
      const std::uint64_t rank = (std::uint64_t{availability[piece]} << 32) | distance;
      if (rank >= best) continue;
      best = rank;
      found = piece;
    }
  }
  if (best == UINT64_MAX) return std::nullopt;
  return found;
}

OpenPiece& PieceMap::open(std::uint32_t piece, StreamId owner) {
  busy_.set(piece);
  open_.push_back({.piece = piece, .owner = owner, .lone = lone_.test(piece)});
  return open_.back();
}

const OpenPiece* PieceMap::find(std::uint32_t piece) const noexcept {
  const auto found =
      std::find_if(open_.begin(), open_.end(), [piece](const OpenPiece& entry) { return entry.piece == piece; });
  return found == open_.end() ? nullptr : &*found;
}

OpenPiece* PieceMap::find(std::uint32_t piece) noexcept {
  return const_cast<OpenPiece*>(std::as_const(*this).find(piece));
}

std::optional<Block> PieceMap::next_block(const OpenPiece& piece) const noexcept {
  const std::uint64_t free = all_blocks(piece.piece) & ~(piece.claims.any() | piece.received);
  if (free == 0) return std::nullopt;
  const std::uint32_t offset = static_cast<std::uint32_t>(std::countr_zero(free)) * block_size_;
  return Block{piece.piece, offset, std::min(block_size_, geometry_.size_of(piece.piece) - offset)};
}

bool PieceMap::is_missing(const Block& block) const noexcept {
  const OpenPiece* piece = find(block.piece);
  return piece != nullptr && (piece->received & bit_of(block)) == 0;
}

bool PieceMap::is_free(const Block& block) const noexcept {
  if (verified_.test(block.piece) || lone_.test(block.piece)) return false;
  const OpenPiece* piece = find(block.piece);
  return piece == nullptr || ((piece->claims.any() | piece->received) & bit_of(block)) == 0;
}

void PieceMap::mark_doubled(const Block& block) noexcept {
  if (OpenPiece* piece = find(block.piece)) piece->doubled |= bit_of(block);
}

bool PieceMap::is_doubled(const Block& block) const noexcept {
  const OpenPiece* piece = find(block.piece);
  return piece != nullptr && (piece->doubled & bit_of(block)) != 0;
}

std::optional<std::uint32_t> PieceMap::lone_piece(const Bitfield& theirs) const noexcept {
  for (std::size_t w = 0; w < lone_.words(); ++w)
    for (std::uint64_t rest = lone_.word(w) & theirs.word(w); rest != 0; rest &= rest - 1) {
      const auto piece = static_cast<std::uint32_t>(64 * w) + static_cast<std::uint32_t>(std::countr_zero(rest));
      const OpenPiece* open = find(piece);
      if (open == nullptr || (open->owner == StreamId{} && !open->hashing)) return piece;
    }
  return std::nullopt;
}

Block PieceMap::block_at(std::uint64_t number) const noexcept {
  const std::uint64_t blocks_per_piece = geometry_.piece_size / block_size_;
  const auto piece = static_cast<std::uint32_t>(number / blocks_per_piece);
  const auto offset = static_cast<std::uint32_t>(number % blocks_per_piece) * block_size_;
  return {piece, offset, std::min(block_size_, geometry_.size_of(piece) - offset)};
}

void PieceMap::claim(const Block& block) {
  OpenPiece* piece = find(block.piece);
  (piece != nullptr ? *piece : open(block.piece, StreamId{})).claims.add(bit_of(block));
}

void PieceMap::release(const Block& block) noexcept {
  if (OpenPiece* piece = find(block.piece)) piece->claims.remove(bit_of(block));
}

unsigned PieceMap::claims(const Block& block) const noexcept {
  const OpenPiece* piece = find(block.piece);
  return piece == nullptr ? 0 : piece->claims.count(index_of(block));
}

void PieceMap::begin_arrival(const Block& block) noexcept {
  if (OpenPiece* piece = find(block.piece)) piece->arriving |= bit_of(block);
}

void PieceMap::end_arrival(const Block& block) noexcept {
  if (OpenPiece* piece = find(block.piece)) piece->arriving &= ~bit_of(block);
}

bool PieceMap::is_arriving(const Block& block) const noexcept {
  const OpenPiece* piece = find(block.piece);
  return piece != nullptr && (piece->arriving & bit_of(block)) != 0;
}

bool PieceMap::overtake(const Block& block) noexcept {
  OpenPiece* piece = find(block.piece);
  if (piece == nullptr || (piece->overtaken & bit_of(block)) != 0) return false;
  piece->overtaken |= bit_of(block);
  return true;
}

bool PieceMap::receive(const Block& block, Address from) noexcept {
  OpenPiece* piece = find(block.piece);
  if (piece == nullptr) return false;
  piece->received |= bit_of(block);
  if (piece->contributor && piece->contributor != from) piece->mixed = true;
  piece->contributor = from;
  if (piece->received != all_blocks(block.piece)) return false;
  piece->hashing = true;
  return true;
}

void PieceMap::close(std::uint32_t piece) noexcept {
  busy_.clear(piece);
  const auto found =
      std::find_if(open_.begin(), open_.end(), [piece](const OpenPiece& entry) { return entry.piece == piece; });
  if (found == open_.end()) return;
  open_.erase(found);  // the oldest stay first, and are finished first
}

void PieceMap::accept(std::uint32_t piece) noexcept {
  close(piece);
  lone_.clear(piece);
  if (verified_.set(piece)) ++verified_count_;
}

void PieceMap::reject(std::uint32_t piece) noexcept {
  close(piece);
  lone_.set(piece);
}

void PieceMap::disown(StreamId owner) noexcept {
  for (OpenPiece& piece : open_) {
    if (piece.owner != owner || piece.hashing) continue;
    piece.owner = StreamId{};
    if (!piece.lone) continue;
    piece.received = 0;
    piece.contributor = Address{};
    piece.mixed = false;
  }
}

bool PieceMap::forget(const Block& block) {
  const bool was_verified = verified_.clear(block.piece);
  if (was_verified) {
    --verified_count_;
    open(block.piece, StreamId{}).received = all_blocks(block.piece);
  }
  if (OpenPiece* piece = find(block.piece)) {
    piece->received &= ~bit_of(block);
    piece->hashing = false;
  }
  return was_verified;
}

void PieceMap::restore(std::uint32_t piece) noexcept {
  if (verified_.set(piece)) ++verified_count_;
}

}  // namespace peerbed::swarm
