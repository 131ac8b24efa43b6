#include "sim/payload_pool.h"

namespace peerbed::sim {

void PayloadPool::grow(std::size_t size_class) {
  Class& slots = classes_[size_class];
  const auto first = static_cast<std::uint32_t>(slots.blocks.size() * block_slots);
  PEERBED_CONTRACT(first + block_slots <= index_mask, "fewer than 2^25 datagrams of one size are under way");
  slots.blocks.emplace_back(block_slots * (std::size_t{64} << size_class));
  for (std::uint32_t i = block_slots; i-- > 0;) {
    std::memcpy(at(size_class, first + i), &slots.free, sizeof slots.free);
    slots.free = first + i;
  }
}

}  // namespace peerbed::sim
