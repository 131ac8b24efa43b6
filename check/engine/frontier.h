#pragma once
// States that wait to be expanded, first in, first out, in blocks that a thread takes as a whole.

#include <algorithm>
#include <cstddef>
#include <deque>
#include <utility>

#include "check/engine/packed_states.h"

namespace peerbed::check {

template <class State>
class Frontier {
 public:
  static constexpr std::size_t block_states = 64;

  bool empty() const noexcept { return blocks_.empty(); }
  std::size_t size() const noexcept { return size_; }
  std::size_t blocks() const noexcept { return blocks_.size(); }
  const PackedStates<State>& block(std::size_t i) const noexcept { return blocks_[i]; }

  void append(const State& state) {
    append_with([&](PackedStates<State>& block) { block.append(state); });
  }
  // The state at the cursor, which moves on.
  void append_from(typename PackedStates<State>::Cursor& cursor) {
    append_with([&](PackedStates<State>& block) { cursor.append_to(block); });
  }
  void drop_blocks(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      size_ -= blocks_.front().size();
      memory_ -= blocks_.front().memory();
      blocks_.pop_front();
    }
  }
  void clear() { *this = Frontier(); }

  // In bytes.
  std::size_t memory() const noexcept { return memory_; }

 private:
  template <class Append>
  void append_with(const Append& append) {
    if (blocks_.empty() || blocks_.back().size() == block_states) {
      blocks_.emplace_back();
      if (blocks_.size() > 1) blocks_.back().reserve_like(blocks_[blocks_.size() - 2]);
      memory_ += blocks_.back().memory();
    }
    memory_ -= blocks_.back().memory();
    append(blocks_.back());
    memory_ += blocks_.back().memory();
    ++size_;
  }

  std::deque<PackedStates<State>> blocks_;
  std::size_t size_ = 0;
  std::size_t memory_ = 0;
};

}  // namespace peerbed::check
