#pragma once
// What a downloader has, what it is fetching, and what to fetch next. Pure bookkeeping: it knows neither streams nor
// time. Pieces are divided into at most 64 blocks each. A piece is *open* from its first request until it is verified.

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <tuple>
#include <vector>

#include "protocols/environment/stream.h"
#include "protocols/swarm/base/bitfield.h"
#include "protocols/swarm/base/manifest.h"

namespace peerbed::swarm {

// A part of a piece: what one request asks for.
struct Block {
  std::uint32_t piece = 0;
  std::uint32_t offset = 0;  // in the piece, bytes
  std::uint32_t size = 0;
  friend bool operator==(const Block&, const Block&) = default;
  auto fields() const { return std::tie(piece, offset, size); }
};

// From how many sources each block of a piece may still arrive: at most seven. The counts are stored upright, one bit
// of each in every plane, so that all of them are examined together.
class Claims {
 public:
  // Of the blocks in `bits`, one source more, or one less.
  void add(std::uint64_t bits) noexcept {
    bits &= ~(planes_[0] & planes_[1] & planes_[2]);
    for (std::uint64_t& plane : planes_) {
      const std::uint64_t carry = plane & bits;
      plane ^= bits;
      bits = carry;
    }
  }
  void remove(std::uint64_t bits) noexcept {
    bits &= any();
    for (std::uint64_t& plane : planes_) {
      plane ^= bits;
      bits &= plane;  // borrowed
    }
  }
  // A bit for each block that is claimed at all.
  std::uint64_t any() const noexcept { return planes_[0] | planes_[1] | planes_[2]; }
  unsigned count(unsigned block) const noexcept {
    unsigned count = 0;
    for (unsigned i = 0; i < planes_.size(); ++i) count |= static_cast<unsigned>(planes_[i] >> block & 1) << i;
    return count;
  }
  auto fields() const { return std::tie(planes_); }

 private:
  std::array<std::uint64_t, 3> planes_{};
};

// A piece being fetched.
struct OpenPiece {
  std::uint32_t piece = 0;
  Claims claims{};              // who was asked for its blocks, and has neither sent nor refused them
  std::uint64_t received = 0;   // a bit for each block on the disk
  std::uint64_t arriving = 0;   // a bit for each block that a source is writing to its place
  std::uint64_t doubled = 0;    // a bit for each block that several sources may send
  std::uint64_t overtaken = 0;  // a bit for each block of which a slow copy has made room for a quicker one
  StreamId owner{};             // who fetches it as a whole; 0: anybody may take its blocks
  Address contributor{};        // who sent what is here
  bool mixed = false;           // several did
  bool lone = false;            // a piece that failed its hash: one source alone is to send all of it
  bool hashing = false;
  auto fields() const {
    return std::tie(piece, claims, received, arriving, doubled, overtaken, owner, contributor, mixed, lone, hashing);
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
  const OpenPiece* find(std::uint32_t piece) const noexcept;
  // The first block of the piece that is neither here nor claimed.
  std::optional<Block> next_block(const OpenPiece& piece) const noexcept;
  bool is_missing(const Block& block) const noexcept;  // its piece is open, and it is not here
  bool is_free(const Block& block) const noexcept;     // neither here nor claimed; of a piece that is not lone
  void mark_doubled(const Block& block) noexcept;
  bool is_doubled(const Block& block) const noexcept;
  // A piece that failed its hash, or is left of one, for which nobody is responsible, and which `theirs` has.
  std::optional<std::uint32_t> lone_piece(const Bitfield& theirs) const noexcept;
  // A block by its number in the file.
  std::uint64_t blocks() const noexcept { return (geometry_.size + block_size_ - 1) / block_size_; }
  Block block_at(std::uint64_t number) const noexcept;
  std::uint64_t number_of(const Block& block) const noexcept {
    return (geometry_.offset_of(block.piece) + block.offset) / block_size_;
  }
  // A claim on a block stands for one request, from when it is sent until it is answered or given up. Each is released
  // once. The first one opens the piece.
  void claim(const Block& block);
  void release(const Block& block) noexcept;
  unsigned claims(const Block& block) const noexcept;
  // One source at a time writes a block to its place.
  void begin_arrival(const Block& block) noexcept;
  void end_arrival(const Block& block) noexcept;
  bool is_arriving(const Block& block) const noexcept;
  // False when it was overtaken before: that happens once, or quick copies could make room for one another for ever.
  bool overtake(const Block& block) noexcept;
  // A block is on the disk. Returns true when its piece is complete, and then has to be hashed.
  bool receive(const Block& block, Address from) noexcept;
  // The result of the hash.
  void accept(std::uint32_t piece) noexcept;
  void reject(std::uint32_t piece) noexcept;
  // The owner is gone: any source may take its blocks. A lone piece starts again.
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
  unsigned index_of(const Block& block) const noexcept { return block.offset / block_size_; }
  std::uint64_t bit_of(const Block& block) const noexcept { return std::uint64_t{1} << index_of(block); }
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
