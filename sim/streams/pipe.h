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
  std::uint64_t written() const noexcept { return written_; }  // the offset behind the last byte
  std::uint64_t taken() const noexcept { return taken_; }      // the offset of the next byte to take

  void write(Bytes bytes);
  void write(const Extent& extent);
  // The next bytes, made real.
  void take(std::span<std::byte> out);
  // The next bytes, as extents at the end of `out`.
  void take(std::uint64_t count, std::vector<Extent>& out);
  void skip(std::uint64_t count);
  // Bytes that were harmed on the way: they will be taken so.
  void harm_range(ByteRange range, std::uint64_t mark);

  // A hint that something is taken soon.
  void prefetch() const noexcept {
    items_.prefetch();
    __builtin_prefetch(text_.data() + text_taken_);
  }
  void clear();
  void append_state(std::vector<std::byte>& out) const;

 private:
  // Consecutive bytes: of an extent, or literal ones, which are in text_.
  struct Item {
    std::uint64_t end = 0;  // in the stream
    Extent extent;
    bool literal = false;
  };
  struct Harm {
    ByteRange range;
    std::uint64_t mark = 0;
  };

  // Hands out the next bytes, at most `count` and all alike: as (their extent or null, their literal bytes, mark).
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
