#pragma once
// A first-in-first-out queue in one array that grows when full and never shrinks, so a warm queue allocates nothing.

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

namespace peerbed::sim {

template <class Value>
class RingBuffer {
 public:
  bool empty() const noexcept { return size_ == 0; }
  std::size_t size() const noexcept { return size_; }
  Value& front() noexcept { return values_[first_]; }
  const Value& front() const noexcept { return values_[first_]; }
  Value& back() noexcept { return (*this)[size_ - 1]; }
  Value& operator[](std::size_t i) noexcept { return values_[(first_ + i) & (values_.size() - 1)]; }
  const Value& operator[](std::size_t i) const noexcept { return values_[(first_ + i) & (values_.size() - 1)]; }

  void push_back(Value value) {
    if (size_ == values_.size()) grow();
    ++size_;
    back() = std::move(value);
  }
  // Resets the slot, so that what the value held is freed now.
  void pop_front() {
    values_[first_] = Value{};
    first_ = (first_ + 1) & (values_.size() - 1);
    --size_;
  }
  // Hints that both ends will be used soon. While there are few values, that is all of them.
  void prefetch() const noexcept {
    const auto* begin = reinterpret_cast<const std::byte*>(values_.data());
    const std::size_t bytes = std::min<std::size_t>(values_.size() * sizeof(Value), 192);
    for (std::size_t line = 0; line < bytes; line += 64) __builtin_prefetch(begin + line);
  }
  void clear() {
    while (!empty()) pop_front();
  }

 private:
  void grow() {
    std::vector<Value> larger(values_.empty() ? 4 : values_.size() * 2);
    for (std::size_t i = 0; i < size_; ++i) larger[i] = std::move((*this)[i]);
    values_ = std::move(larger);
    first_ = 0;
  }

  std::vector<Value> values_;  // empty, or a power of two in size
  std::size_t first_ = 0;
  std::size_t size_ = 0;
};

}  // namespace peerbed::sim
