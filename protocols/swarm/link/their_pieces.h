#pragma once
// Which pieces of a file the other side of a link has, and how many of these this side still wants. While this side
// does not know how many pieces there are, what the other side announced is held as it came. Each piece counted here is
// counted once in the file's availability too, until leave().

#include <cstdint>
#include <span>
#include <tuple>
#include <vector>

#include "protocols/environment/codec.h"
#include "protocols/swarm/base/bitfield.h"
#include "protocols/swarm/base/piece_map.h"

namespace peerbed::swarm {

// Of each piece of a file: connected peers that have it.
using Availability = std::span<std::uint16_t>;

class TheirPieces {
 public:
  enum class News {
    malformed,  // there is no such piece
    nothing,    // it is held, or known already
    unwanted,   // it is here, too
    wanted,
  };

  // The other side said what it has, and so that it has the manifest.
  bool is_announced() const noexcept { return announced_; }
  bool is_known() const noexcept { return theirs_.size() > 0; }  // which pieces these are; never of an empty file
  bool has(std::uint32_t piece) const noexcept { return is_known() && theirs_.test(piece); }
  const Bitfield& all() const noexcept { return theirs_; }
  std::uint32_t count() const noexcept { return count_; }
  std::uint32_t wanted() const noexcept { return wanted_; }
  bool is_whole() const noexcept { return is_known() && count_ == theirs_.size(); }

  // What the other side announces, before this side has the manifest.
  void hold(Bytes body);
  // And afterwards. Returns false, and counts nothing, when it does not fit the file.
  [[nodiscard]] bool take(Bytes body, const PieceMap& map, Availability availability);
  // The manifest is here: what was held is looked at.
  [[nodiscard]] bool take_held(const PieceMap& map, Availability availability);
  // It has got a piece. It announced before what it has.
  News hold_new(std::uint32_t piece) noexcept;  // before this side has the manifest
  News take_new(std::uint32_t piece, const PieceMap& map, Availability availability);
  // It does not have a piece after all. Returns whether it had said so.
  bool take_back(std::uint32_t piece, const PieceMap& map, Availability availability) noexcept;
  // A piece that was missing was verified here, or one that was verified is missing again. Both return whether it is
  // one of theirs.
  bool note_verified(std::uint32_t piece) noexcept;
  bool note_missing(std::uint32_t piece) noexcept;
  // The link is gone.
  void leave(Availability availability) const noexcept;

  auto fields() const { return std::tie(announced_, held_, theirs_, count_, wanted_); }

 private:
  bool announced_ = false;
  std::vector<std::byte> held_{};
  Bitfield theirs_{};
  std::uint32_t count_ = 0;
  std::uint32_t wanted_ = 0;  // of these, not verified here
};

}  // namespace peerbed::swarm
