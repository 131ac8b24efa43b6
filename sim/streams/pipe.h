#pragma once
// One direction of a stream: everything written into it and not yet taken out at the other end, by reference. Both
// ends' hosts use the same pipe, so no segment carries or copies a byte. The receiver decides which bytes may be taken.
// Offsets count the stream's bytes from 0.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "protocols/environment/codec.h"
#include "sim/core/ring_buffer.h"
#include "sim/storage/extent.h"
#include "sim/streams/byte_ranges.h"

namespace peerbed::sim {

class Pipe {
 public:
  std::uint64_t written() const noexcept { return written_; }  // the offset after the last byte
  std::uint64_t taken() const noexcept { return taken_; }      // the offset of the next byte to take

  void write(Bytes bytes);
  void write(const Extent& extent);
  // Takes the next bytes, materialised.
  void take(std::span<std::byte> out);
  // Takes the next bytes, as extents appended to `out`.
  void take(std::uint64_t count, std::vector<Extent>& out);
  void skip(std::uint64_t count);
  // Damages bytes in transit: they will be taken damaged.
  void harm_range(ByteRange range, std::uint64_t mark);

  // Hints that bytes will be taken soon.
  void prefetch() const noexcept {
    items_.prefetch();
    __builtin_prefetch(text_.data() + text_taken_);
  }
  void clear();
  void append_state(std::vector<std::byte>& out) const;

 private:
  // Consecutive bytes: an extent, or literal bytes stored in text_.
  struct Item {
    std::uint64_t end = 0;  // stream offset
    Extent extent;
    bool literal = false;
  };
  struct Harm {
    ByteRange range;
    std::uint64_t mark = 0;
  };

  // Takes up to `count` bytes in runs of one kind; calls `take` with their extent (or null), their literal bytes and
  // their damage mark.
  template <class Take>
  void take_pieces(std::uint64_t count, Take&& take_piece);
  std::uint64_t harm_at(std::uint64_t at, std::uint64_t& until) const noexcept;

  RingBuffer<Item> items_;
  std::vector<std::byte> text_;
  std::size_t text_taken_ = 0;
  std::uint64_t written_ = 0;
  std::uint64_t taken_ = 0;
  std::vector<Harm> harms_;  // rare
};

}  // namespace peerbed::sim
