#pragma once
// How records are encoded in the blocks of an event trace: shared by the writer and the reader.

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

#include "analysis/trace/event_trace.h"

namespace peerbed::analysis::trace_coding {

constexpr std::string_view magic = "PBTRACE1";
constexpr std::size_t block_limit = std::size_t{1} << 18;         // bytes of records in a block
constexpr std::size_t longest_record_without_bytes = 128;         // twelve numbers of ten bytes at most
constexpr std::size_t longest_bytes = std::size_t{1} << 16;       // that a record may keep
constexpr std::uint64_t longest_header = std::uint64_t{1} << 30;  // of JSON

// A record's first byte: its kind in the low half, flags for what is omitted in the high half.
constexpr unsigned kind_mask = 0x0F;
constexpr unsigned skips_events =
    0x10;  // otherwise a step follows the one before, and other records belong to the last step
constexpr unsigned at_same_time = 0x20;
constexpr unsigned at_same_node = 0x40;
constexpr unsigned keeps_bytes = 0x80;

// The header of a block; in the file, little-endian and without gaps, 32 bytes including the checksum.
struct BlockHeader {
  std::uint32_t size = 0;  // bytes of records; 0 marks the end of a complete trace
  std::uint32_t records = 0;
  std::int64_t time = 0;    // of its first record
  std::uint64_t event = 0;  // number of the last step before it
  std::uint64_t checksum = 0;
};
constexpr std::size_t block_header_size = 32;
static_assert(sizeof(BlockHeader) == block_header_size && std::endian::native == std::endian::little);

// XXH3 of the records, seeded with that of the header before the checksum.
std::uint64_t checksum_of(const BlockHeader& header, const unsigned char* records) noexcept;

// The sequence numbers that nodes have reached; others are written as small differences from them. Each block starts
// from zero, so that it can be read on its own.
class KnownSequences {
 public:
  // One more than there are nodes: the last is for events from outside.
  explicit KnownSequences(std::size_t nodes) : known_(nodes + 1) {}
  void begin_block() noexcept { ++block_; }
  std::uint32_t& of(std::uint32_t node) noexcept {
    Known& known = known_[node < known_.size() ? node : known_.size() - 1];
    if (known.block != block_) known = {block_, 0};
    return known.next;
  }

 private:
  struct Known {
    std::uint32_t block = 0;
    std::uint32_t next = 0;
  };
  std::vector<Known> known_;
  std::uint32_t block_ = 0;
};

// Seven bits per byte, lowest first; the top bit is set in all but the last byte.
inline unsigned char* put_number(unsigned char* out, std::uint64_t value) noexcept {
  while (value >= 0x80) {
    *out++ = static_cast<unsigned char>(value | 0x80);
    value >>= 7;
  }
  *out++ = static_cast<unsigned char>(value);
  return out;
}
// Reads at most ten bytes. The caller must ensure that a zero byte follows the input.
inline std::uint64_t take_number(const unsigned char*& in) noexcept {
  std::uint64_t value = *in & 0x7FU;
  for (unsigned shift = 7; (*in++ & 0x80U) != 0 && shift < 70; shift += 7)
    value |= static_cast<std::uint64_t>(*in & 0x7FU) << shift;
  return value;
}

// Maps the difference of two close numbers, of either sign, to a small number; modulo their type's size.
template <std::unsigned_integral Integer>
constexpr Integer small_difference(Integer from, Integer to) noexcept {
  const auto difference = static_cast<Integer>(to - from);
  return static_cast<Integer>((difference << 1) ^ (Integer{0} - (difference >> (8 * sizeof(Integer) - 1))));
}
template <std::unsigned_integral Integer>
constexpr Integer undo_difference(Integer from, std::uint64_t small) noexcept {
  const auto value = static_cast<Integer>(small);
  return static_cast<Integer>(from + ((value >> 1) ^ (Integer{0} - (value & 1))));
}

}  // namespace peerbed::analysis::trace_coding
