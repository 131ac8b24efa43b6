#pragma once
// Values in numbered slots that are reused last in, first out. A value never moves while the pool lives, so references
// to it survive the growth of the pool. Nothing is allocated once the pool is as large as needed.

#include <cstddef>
#include <cstdint>
#include <vector>

#include "sim/core/out_of_room.h"

namespace peerbed::sim {

template <class Value>
class Pool {
 public:
  // An event has room for the number of a slot, and for the number of either end of the stream in a slot.
  static constexpr std::uint32_t maximum_slots = 1U << 27;

  // Returns a released slot, with its value as it was left, or a new one. Throws OutOfRoom when all are taken.
  std::uint32_t take() {
    if (free_.empty()) grow();
    const std::uint32_t slot = free_.back();
    free_.pop_back();
    return slot;
  }
  void release(std::uint32_t slot) { free_.push_back(slot); }

  Value& operator[](std::uint32_t slot) noexcept { return blocks_[slot / block_slots][slot % block_slots]; }
  const Value& operator[](std::uint32_t slot) const noexcept { return blocks_[slot / block_slots][slot % block_slots]; }
  std::uint32_t size() const noexcept { return static_cast<std::uint32_t>(blocks_.size() * block_slots); }
  // Memory allocated, used or not, excluding what the values point to.
  std::size_t bytes() const noexcept { return blocks_.size() * block_slots * (sizeof(Value) + sizeof(std::uint32_t)); }

 private:
  static constexpr std::uint32_t block_slots = 64;

  void grow() {
    const std::uint32_t first = size();
    if (first == maximum_slots) throw OutOfRoom("as much of one kind is under way as a world holds");
    blocks_.emplace_back(block_slots);
    free_.reserve(size());
    for (std::uint32_t i = block_slots; i-- > 0;) free_.push_back(first + i);
  }

  std::vector<std::vector<Value>> blocks_;
  std::vector<std::uint32_t> free_;
};

}  // namespace peerbed::sim
