#include "protocols/swarm/link/their_pieces.h"

#include <bit>
#include <utility>

#include "protocols/environment/contract.h"

namespace peerbed::swarm {

void TheirPieces::hold(Bytes body) {
  announced_ = true;
  held_.assign(body.begin(), body.end());
}

bool TheirPieces::take(Bytes body, const PieceMap& map, Availability availability) {
  PEERBED_CONTRACT(!is_known(), "what the other side has is announced once");
  announced_ = true;
  Bitfield theirs(map.geometry().pieces());
  if (!theirs.decode(body)) return false;
  theirs_ = std::move(theirs);
  count_ = static_cast<std::uint32_t>(theirs_.count());
  wanted_ = 0;
  for (std::size_t w = 0; w < theirs_.words(); ++w) {
    wanted_ += static_cast<std::uint32_t>(std::popcount(theirs_.word(w) & ~map.verified().word(w)));
    for (std::uint64_t rest = theirs_.word(w); rest != 0; rest &= rest - 1)
      ++availability[64 * w + static_cast<std::size_t>(std::countr_zero(rest))];
  }
  return true;
}

bool TheirPieces::take_held(const PieceMap& map, Availability availability) {
  PEERBED_CONTRACT(announced_, "something was held");
  return take(std::exchange(held_, {}), map, availability);
}

TheirPieces::News TheirPieces::hold_new(std::uint32_t piece) noexcept {
  if (!announced_ || piece / 8 >= held_.size()) return News::malformed;
  held_[piece / 8] |= static_cast<std::byte>(0x80U >> (piece % 8));
  return News::nothing;
}

TheirPieces::News TheirPieces::take_new(std::uint32_t piece, const PieceMap& map, Availability availability) {
  if (!announced_ || piece >= theirs_.size()) return News::malformed;
  if (!theirs_.set(piece)) return News::nothing;
  ++count_;
  ++availability[piece];
  if (map.verified().test(piece)) return News::unwanted;
  ++wanted_;
  return News::wanted;
}

bool TheirPieces::take_back(std::uint32_t piece, const PieceMap& map, Availability availability) noexcept {
  if (!theirs_.clear(piece)) return false;
  --count_;
  --availability[piece];
  if (!map.verified().test(piece)) --wanted_;
  return true;
}

bool TheirPieces::note_verified(std::uint32_t piece) noexcept {
  if (!has(piece)) return false;
  --wanted_;
  return true;
}

bool TheirPieces::note_missing(std::uint32_t piece) noexcept {
  if (!has(piece)) return false;
  ++wanted_;
  return true;
}

void TheirPieces::leave(Availability availability) const noexcept {
  for (std::size_t piece = 0; piece < theirs_.size(); ++piece)
    if (theirs_.test(piece)) --availability[piece];
}

}  // namespace peerbed::swarm
