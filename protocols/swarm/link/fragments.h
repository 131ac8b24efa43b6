#pragma once
// The original division of work: n equal ranges of ceil(size / n), rounded up to whole blocks, one for each source that
// is there at the beginning. The range of a source that fails is fetched anew, whole, when the others are done; when
// that fails too, what has come of it stays. A range whose source cannot go on is another's.

#include <cstdint>
#include <optional>
#include <span>
#include <tuple>
#include <vector>

#include "protocols/environment/stream.h"
#include "protocols/environment/time.h"
#include "protocols/swarm/base/bitfield.h"
#include "protocols/swarm/base/piece_map.h"

namespace peerbed::swarm {

// Of one download. There are no ranges before divide() has cut them; all of them together are the file.
class Fragments {
 public:
  // What does not count any more since a source was lost.
  struct Lost {
    std::uint64_t bytes = 0;              // that had come
    std::vector<std::uint32_t> pieces{};  // that had been verified
  };

  bool empty() const noexcept { return fragments_.empty(); }
  // Cuts the file once all known sources are ready, or have had their time; `others` are not ready. Without a ready one
  // the ranges are anybody's. To be called again while there are no ranges.
  void divide(const PieceMap& map, Time now, Duration patience, std::span<const StreamId> ready, std::uint64_t others);
  // The next block to ask a source for: of its own ranges, or of one that it takes over, which nobody has. One that is
  // asked for nothing, and has nothing more of its ranges, leaves them.
  std::optional<Block> next(const PieceMap& map, StreamId source, const Bitfield& theirs, bool is_asked);
  // A block that was asked for will not come: its range goes on from there.
  void reopen(const PieceMap& map, const Block& block) noexcept;
  // A piece is to be fetched again, all of it.
  void reopen_piece(const PieceMap& map, std::uint32_t piece) noexcept;
  // A source cannot go on with its ranges for now: what is left of them is anybody's.
  void leave(StreamId source) noexcept;
  // A source is gone; `owes`: it was asked for something.
  Lost lose(PieceMap& map, StreamId source, bool owes);

  auto fields() const { return std::tie(fragments_, divide_at_); }

 private:
  // A range of blocks, in the order of the file.
  struct Fragment {
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
    std::uint64_t next = 0;  // the first one that nobody was asked for
    StreamId owner{};        // 0: nobody
    bool lost = false;       // its first owner failed, or could not go on
    bool afresh = false;     // it was fetched anew, whole; that happens once
    bool is_asked_for() const noexcept { return next == end; }
    auto fields() const { return std::tie(begin, end, next, owner, lost, afresh); }
  };

  void divide_among(const PieceMap& map, std::uint64_t count, std::span<const StreamId> owners);
  static std::optional<Block> next_in(const PieceMap& map, Fragment& fragment, const Bitfield& theirs);
  static void forget(PieceMap& map, const Block& block, Lost& lost);

  std::vector<Fragment> fragments_{};
  Time divide_at_{};  // the file is cut then, or when all sources are ready
};

}  // namespace peerbed::swarm
