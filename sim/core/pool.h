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
  // Of so many slots a number fits into an event, and twice that of a slot's ends.
  static constexpr std::uint32_t maximum_slots = 1U << 27;

  // The slot of a value that was released, as it was left, or of a new one. Throws OutOfRoom when all are taken.
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
  // That it takes, whether they are used or not; without what values point to.
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
