#pragma once
// The bytes of datagrams in flight, in slots of 64 to 2048 bytes that are reused last in, first out. Small messages
// stay in the cache, and nothing is allocated once the pool is as large as the traffic needs.

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

#include "protocols/environment/codec.h"

namespace peerbed::sim {

class PayloadPool {
 public:
  using Handle = std::uint32_t;
  static constexpr std::uint32_t handle_bits = 28;
  static constexpr std::size_t maximum_size = maximum_datagram_size + 16;  // with room for an envelope

  // `payload` is at most maximum_size bytes. Throws OutOfRoom when all 2^25 slots of its size are taken.
  Handle store(Bytes payload) {
    const std::size_t size_class = class_for(payload.size() + sizeof(std::uint16_t));
    Class& slots = classes_[size_class];
    if (slots.free == none) grow(size_class);
    const std::uint32_t index = slots.free;
    std::byte* slot = at(size_class, index);
    std::memcpy(&slots.free, slot, sizeof slots.free);
    const auto size = static_cast<std::uint16_t>(payload.size());
    std::memcpy(slot, &size, sizeof size);
    if (size > 0) std::memcpy(slot + sizeof size, payload.data(), size);
    return static_cast<Handle>(size_class << index_bits) | index;
  }
  // The view is valid until the payload is released.
  Bytes view(Handle handle) const noexcept {
    const std::byte* slot = at(handle >> index_bits, handle & index_mask);
    std::uint16_t size = 0;
    std::memcpy(&size, slot, sizeof size);
    return {slot + sizeof size, size};
  }
  void prefetch(Handle handle) const noexcept { __builtin_prefetch(at(handle >> index_bits, handle & index_mask)); }
  void release(Handle handle) noexcept {
    const std::size_t size_class = handle >> index_bits;
    const std::uint32_t index = handle & index_mask;
    std::memcpy(at(size_class, index), &classes_[size_class].free, sizeof(std::uint32_t));
    classes_[size_class].free = index;
  }
  // Memory allocated, used or not.
  std::size_t bytes() const noexcept;

 private:
  static constexpr std::size_t class_count = 6;  // 64 << class
  static constexpr std::uint32_t index_bits = handle_bits - 3;
  static_assert(class_count <= 8);
  static constexpr std::uint32_t index_mask = (1U << index_bits) - 1;
  static constexpr std::uint32_t none = UINT32_MAX;
  static constexpr std::size_t block_slots = 256;
  static_assert((std::size_t{64} << (class_count - 1)) >= maximum_size + sizeof(std::uint16_t));

  struct Class {
    std::vector<std::vector<std::byte>> blocks;
    std::uint32_t free = none;
  };

  static constexpr std::size_t class_for(std::size_t size) noexcept {
    std::size_t size_class = 0;
    while ((std::size_t{64} << size_class) < size) ++size_class;
    return size_class;
  }
  const std::byte* at(std::size_t size_class, std::uint32_t index) const noexcept {
    return classes_[size_class].blocks[index / block_slots].data() +
           (index % block_slots) * (std::size_t{64} << size_class);
  }
  std::byte* at(std::size_t size_class, std::uint32_t index) noexcept {
    return const_cast<std::byte*>(static_cast<const PayloadPool&>(*this).at(size_class, index));
  }
  void grow(std::size_t size_class);

  std::array<Class, class_count> classes_;
};

}  // namespace peerbed::sim
