#pragma once
// Finds the end of a stream by the name that its node knows it by. One array with open addressing: a lookup usually
// touches one cache line. It is never iterated.

#include <cstddef>
#include <cstdint>
#include <vector>

#include "protocols/environment/random.h"

namespace peerbed::sim {

class StreamNames {
 public:
  static constexpr std::uint32_t none = UINT32_MAX;

  // The end with this name, or none.
  std::uint32_t find(std::uint64_t name) const noexcept {
    if (slots_.empty()) return none;
    for (std::size_t i = home_of(name);; i = next(i)) {
      const Slot& slot = slots_[i];
      if (slot.end == none || slot.name == name) return slot.end;
    }
  }
  // The name must not be in use.
  void add(std::uint64_t name, std::uint32_t end) {
    if (2 * (used_ + 1) > slots_.size()) grow();
    ++used_;
    put(name, end);
  }
  // The name must be in use.
  void remove(std::uint64_t name) noexcept {
    std::size_t hole = home_of(name);
    while (slots_[hole].name != name) hole = next(hole);
    --used_;
    // Moves up later entries that would not be found across the hole.
    for (std::size_t i = next(hole); slots_[i].end != none; i = next(i)) {
      const std::size_t home = home_of(slots_[i].name);
      const bool stays = hole < i ? hole < home && home <= i : hole < home || home <= i;
      if (stays) continue;
      slots_[hole] = slots_[i];
      hole = i;
    }
    slots_[hole] = {};
  }

 private:
  struct Slot {
    std::uint64_t name = UINT64_MAX;
    std::uint32_t end = none;
  };

  std::size_t next(std::size_t i) const noexcept { return (i + 1) & (slots_.size() - 1); }
  std::size_t home_of(std::uint64_t name) const noexcept {
    return static_cast<std::size_t>(mix(name)) & (slots_.size() - 1);
  }
  void put(std::uint64_t name, std::uint32_t end) noexcept {
    std::size_t i = home_of(name);
    while (slots_[i].end != none) i = next(i);
    slots_[i] = {name, end};
  }
  void grow() {
    std::vector<Slot> before(slots_.empty() ? 16 : 2 * slots_.size());
    before.swap(slots_);
    for (const Slot& slot : before)
      if (slot.end != none) put(slot.name, slot.end);
  }

  std::vector<Slot> slots_;  // a power of two in size, at most half full
  std::size_t used_ = 0;
};

}  // namespace peerbed::sim
