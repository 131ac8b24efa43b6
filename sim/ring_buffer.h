#pragma once
// A first-in-first-out queue in one array that grows when it is full and never shrinks: no allocation once it is warm.

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
  // The slot is emptied, so that what the value held goes now.
  void pop_front() {
    values_[first_] = Value{};
    first_ = (first_ + 1) & (values_.size() - 1);
    --size_;
  }
  // A hint that the front is read soon.
  void prefetch() const noexcept {
    if (size_ > 0) __builtin_prefetch(&values_[first_]);
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

  std::vector<Value> values_;  // a power of two, or none
  std::size_t first_ = 0;
  std::size_t size_ = 0;
};

}  // namespace peerbed::sim
