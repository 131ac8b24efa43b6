#pragma once
// A vector in eight bytes: its size and capacity stand before the elements on the heap. A million nodes hold four of
// them each. Elements are plain values, and adding one may move all of them.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <memory>
#include <type_traits>
#include <utility>

#include "protocols/environment/state.h"

namespace peerbed::ring {

template <class Element>
class CompactVector {
 public:
  using value_type = Element;
  using iterator = Element*;
  using const_iterator = const Element*;

  CompactVector() = default;
  CompactVector(const CompactVector& other) { assign(other.begin(), other.end()); }
  CompactVector(CompactVector&&) noexcept = default;
  CompactVector& operator=(CompactVector other) noexcept {
    block_ = std::move(other.block_);
    return *this;
  }
  ~CompactVector() = default;

  std::size_t size() const noexcept { return block_ ? counts().size : 0; }
  std::size_t capacity() const noexcept { return block_ ? counts().capacity : 0; }
  bool empty() const noexcept { return size() == 0; }

  Element* data() noexcept { return block_ ? elements() : nullptr; }
  const Element* data() const noexcept { return block_ ? elements() : nullptr; }
  iterator begin() noexcept { return data(); }
  iterator end() noexcept { return data() + size(); }
  const_iterator begin() const noexcept { return data(); }
  const_iterator end() const noexcept { return data() + size(); }
  auto rbegin() const noexcept { return std::make_reverse_iterator(end()); }
  auto rend() const noexcept { return std::make_reverse_iterator(begin()); }
  Element& operator[](std::size_t index) noexcept { return elements()[index]; }
  const Element& operator[](std::size_t index) const noexcept { return elements()[index]; }
  const Element& front() const noexcept { return *begin(); }
  const Element& back() const noexcept { return *(end() - 1); }

  // Hints that the first elements will be used, without looking how many there are.
  void prefetch(std::size_t count) const noexcept {
    if (!block_) return;
    for (std::size_t offset = 0; offset < sizeof(Counts) + count * sizeof(Element); offset += 64)
      __builtin_prefetch(block_.get() + offset);
    asm volatile("");  // GCC takes a function that only prefetches for one without effects, and leaves out its calls
  }
  // Makes room for so many elements, and not for more.
  void reserve(std::size_t count) {
    if (count > capacity()) move_to(count);
  }
  void push_back(Element element) {
    if (size() == capacity()) move_to(capacity() + capacity() / 2 + 1);
    elements()[counts().size++] = element;
  }
  void pop_back() noexcept { --counts().size; }
  void clear() noexcept {
    if (block_) counts().size = 0;
  }
  // What is assigned lies elsewhere.
  template <class Iterator>
  void assign(Iterator first, Iterator last) {
    const auto count = static_cast<std::size_t>(std::distance(first, last));
    clear();
    reserve(count);
    std::copy(first, last, data());
    if (block_) counts().size = static_cast<std::uint32_t>(count);
  }
  iterator insert(const_iterator position, Element element) {
    const auto index = position - begin();
    push_back(element);
    std::rotate(begin() + index, end() - 1, end());
    return begin() + index;
  }
  iterator erase(const_iterator first, const_iterator last) noexcept {
    const auto gap = begin() + (first - begin());
    if (first == last) return gap;
    std::copy(last, std::as_const(*this).end(), gap);
    counts().size -= static_cast<std::uint32_t>(last - first);
    return gap;
  }
  iterator erase(const_iterator position) noexcept { return erase(position, position + 1); }

 private:
  struct Counts {
    std::uint32_t size;
    std::uint32_t capacity;
  };
  static_assert(std::is_trivially_copyable_v<Element> && sizeof(Counts) % alignof(Element) == 0);

  Counts& counts() const noexcept { return *reinterpret_cast<Counts*>(block_.get()); }
  Element* elements() const noexcept { return reinterpret_cast<Element*>(block_.get() + sizeof(Counts)); }

  void move_to(std::size_t capacity) {
    auto block = std::make_unique_for_overwrite<std::byte[]>(sizeof(Counts) + capacity * sizeof(Element));
    ::new (block.get()) Counts{static_cast<std::uint32_t>(size()), static_cast<std::uint32_t>(capacity)};
    std::swap(block_, block);
    if (block) std::memcpy(elements(), block.get() + sizeof(Counts), counts().size * sizeof(Element));
  }

  std::unique_ptr<std::byte[]> block_;
};

}  // namespace peerbed::ring

// To a node's state it is a vector as any other.
template <class Element>
inline constexpr bool peerbed::state_detail::is_range<peerbed::ring::CompactVector<Element>> = true;
