#include "sim/core/payload_pool.h"

#include "sim/core/out_of_room.h"

namespace peerbed::sim {

void PayloadPool::grow(std::size_t size_class) {
  Class& slots = classes_[size_class];
  const auto first = static_cast<std::uint32_t>(slots.blocks.size() * block_slots);
  if (first + block_slots > index_mask) throw OutOfRoom("as many datagrams of one size are under way as a world holds");
  slots.blocks.emplace_back(block_slots * (std::size_t{64} << size_class));
  for (std::uint32_t i = block_slots; i-- > 0;) {
    std::memcpy(at(size_class, first + i), &slots.free, sizeof slots.free);
    slots.free = first + i;
  }
}

std::size_t PayloadPool::bytes() const noexcept {
  std::size_t bytes = 0;
  for (std::size_t size_class = 0; size_class < class_count; ++size_class)
    bytes += classes_[size_class].blocks.size() * block_slots * (std::size_t{64} << size_class);
  return bytes;
}

}  // namespace peerbed::sim
