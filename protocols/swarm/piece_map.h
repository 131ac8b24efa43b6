#pragma once
// What a downloader has, what it is fetching, and what it should fetch next. Pure bookkeeping: knows neither streams
// nor time. Pieces are cut into blocks, at most 64 of them; a piece is *open* from its first request until it is
// verified.

#include <cstdint>
#include <optional>
#include <span>
#include <tuple>
#include <vector>

#include "protocols/environment/stream.h"
#include "protocols/swarm/bitfield.h"
#include "protocols/swarm/manifest.h"

namespace peerbed::swarm {

// A part of a piece: what one request asks for.
struct Block {
  std::uint32_t piece = 0;
  std::uint32_t offset = 0;  // in the piece, bytes
  std::uint32_t size = 0;
  friend bool operator==(const Block&, const Block&) = default;
  auto fields() const { return std::tie(piece, offset, size); }
};

// A piece under way.
struct OpenPiece {
  std::uint32_t piece = 0;
  std::uint64_t requested = 0;  // a bit for each block that somebody was asked for and has not refused
  std::uint64_t received = 0;   // a bit for each block on the disk
  std::uint64_t doubled = 0;    // a bit for each block that several sources may send
  StreamId owner{};             // who fetches it as a whole; 0: anybody may take its blocks
  Address contributor{};        // who sent what is here
  bool mixed = false;           // several did
  bool lone = false;            // a piece that failed its hash: one source alone is to send all of it
  bool hashing = false;
  auto fields() const {
    return std::tie(piece, requested, received, doubled, owner, contributor, mixed, lone, hashing);
  }
};

class PieceMap {
 public:
  PieceMap() = default;
  // Blocks are block_size or, of large pieces, a 64th.
  PieceMap(const Geometry& geometry, std::uint32_t block_size);

  const Geometry& geometry() const noexcept { return geometry_; }
  std::uint32_t block_size() const noexcept { return block_size_; }
  const Bitfield& verified() const noexcept { return verified_; }
  std::uint32_t verified_count() const noexcept { return verified_count_; }
  bool complete() const noexcept { return verified_count_ == geometry_.pieces(); }
  // Every piece that is missing is open.
  bool is_ending() const noexcept { return verified_count_ + open_.size() == geometry_.pieces(); }
  std::span<OpenPiece> open_pieces() noexcept { return open_; }
  std::span<const OpenPiece> open_pieces() const noexcept { return open_; }

  // Those that `theirs` has and nobody fetches: the one with the least availability; among equals the first at or
  // after `start`, around the end.
  std::optional<std::uint32_t> rarest(const Bitfield& theirs, std::span<const std::uint16_t> availability,
                                      std::uint32_t start) const noexcept;
  bool is_wanted(std::uint32_t piece) const noexcept { return !verified_.test(piece) && !busy_.test(piece); }

  OpenPiece& open(std::uint32_t piece, StreamId owner);
  OpenPiece* find(std::uint32_t piece) noexcept;
  // The first block of the piece that is neither here nor asked for; marks it asked for.
  std::optional<Block> next_block(OpenPiece& piece) noexcept;
  bool is_missing(const Block& block) noexcept;  // its piece is open, and it is not here
  void mark_doubled(const Block& block) noexcept;
  bool is_doubled(const Block& block) noexcept;
  // A block by its number in the file, if it is neither here nor asked for; marks it asked for.
  std::uint64_t blocks() const noexcept { return (geometry_.size + block_size_ - 1) / block_size_; }
  Block block_at(std::uint64_t number) const noexcept;
  std::uint64_t number_of(const Block& block) const noexcept {
    return (geometry_.offset_of(block.piece) + block.offset) / block_size_;
  }
  bool take(const Block& block);
  // A block that was asked for will not come.
  void release(const Block& block) noexcept;
  // A block is on the disk. Returns true when its piece is whole; then it is to be hashed.
  bool receive(const Block& block, Address from) noexcept;
  // The result of the hash.
  void accept(std::uint32_t piece) noexcept;
  void reject(std::uint32_t piece) noexcept;
  // Of an owner that is gone: anybody may take its blocks. A lone piece starts again.
  void disown(StreamId owner) noexcept;
  // What is here does not count any more (fragment mode fetches whole ranges anew). Returns whether its piece was
  // verified.
  bool forget(const Block& block);
  // A piece that an earlier process verified.
  void restore(std::uint32_t piece) noexcept;

  auto fields() const { return std::tie(geometry_, block_size_, verified_, verified_count_, busy_, lone_, open_); }

 private:
  std::uint32_t blocks_of(std::uint32_t piece) const noexcept {
    return (geometry_.size_of(piece) + block_size_ - 1) / block_size_;
  }
  std::uint64_t all_blocks(std::uint32_t piece) const noexcept { return ~std::uint64_t{0} >> (64 - blocks_of(piece)); }
  std::uint64_t bit_of(const Block& block) const noexcept { return std::uint64_t{1} << (block.offset / block_size_); }
  void close(std::uint32_t piece) noexcept;

  Geometry geometry_{};
  std::uint32_t block_size_ = 0;
  Bitfield verified_;
  std::uint32_t verified_count_ = 0;
  Bitfield busy_;  // open
  Bitfield lone_;  // failed a hash with several contributors
  std::vector<OpenPiece> open_;
};

}  // namespace peerbed::swarm
