#pragma once
// Keeps each distinct value once and gives it a 32-bit id. Threads share it: entering locks one of its parts, and
// reading locks nothing. Ids depend on the order in which threads enter values, so nothing may be derived from them but
// the value and its fingerprint.

#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "check/engine/fingerprint.h"
#include "protocols/environment/contract.h"

namespace peerbed::check {

using InternId = std::uint32_t;

template <class Value>
class InternTable {
 public:
  const Value& operator[](InternId id) const noexcept { return *part_of(id).value(id / parts); }
  const Fingerprint& fingerprint(InternId id) const noexcept { return part_of(id).fingerprint(id / parts); }

  // The id of the value with this fingerprint. `make` is called if there is none yet.
  template <class Make>
  InternId enter(const Fingerprint& fingerprint, Make&& make) {
    const auto number = static_cast<std::uint32_t>(fingerprint.high % parts);
    Part& part = parts_[number];
    const std::lock_guard lock(part.mutex);
    if (4 * (part.size + 1) > 3 * part.index.size()) part.grow();
    std::size_t place = fingerprint.low & (part.index.size() - 1);
    for (; part.index[place] != 0; place = (place + 1) & (part.index.size() - 1))
      if (part.fingerprint(part.index[place] - 1) == fingerprint) return (part.index[place] - 1) * parts + number;
    PEERBED_CONTRACT(part.size < UINT32_MAX / parts, "distinct values have 32-bit ids");
    const std::uint32_t local = part.size++;
    part.append(local, fingerprint, std::forward<Make>(make)());
    part.index[place] = local + 1;
    return local * parts + number;
  }

  // Calls visit(value) for each value. Nothing is entered meanwhile.
  template <class Visit>
  void for_each(const Visit& visit) const {
    for (const Part& part : parts_)
      for (std::uint32_t local = 0; local < part.size; ++local) visit(*part.value(local));
  }

  std::size_t size() const {
    std::size_t count = 0;
    for (const Part& part : parts_) count += part.size;
    return count;
  }
  // In bytes, without what the values own elsewhere.
  std::size_t memory() const {
    return size() * (sizeof(Fingerprint) + sizeof(std::optional<Value>) + 2 * sizeof(std::uint32_t));
  }

 private:
  static constexpr std::uint32_t parts = 16;
  // Blocks double in size and never move: block b holds what was entered from the (2^b - 1) * first_block-th on.
  static constexpr std::uint32_t first_block = 64;
  static constexpr std::size_t most_blocks = 26;

  struct Part {
    std::array<std::unique_ptr<Fingerprint[]>, most_blocks> fingerprints;
    std::array<std::unique_ptr<std::optional<Value>[]>, most_blocks> values;
    mutable std::mutex mutex;
    std::uint32_t size = 0;
    std::vector<std::uint32_t> index = std::vector<std::uint32_t>(64, 0);  // a local number plus 1; 0 is free

    static std::uint32_t block_of(std::uint32_t local) noexcept {
      return static_cast<std::uint32_t>(std::bit_width(local / first_block + 1)) - 1;
    }
    static std::uint32_t begin_of(std::uint32_t block) noexcept { return ((1u << block) - 1) * first_block; }
    const Fingerprint& fingerprint(std::uint32_t local) const noexcept {
      const std::uint32_t block = block_of(local);
      return fingerprints[block][local - begin_of(block)];
    }
    const std::optional<Value>& value(std::uint32_t local) const noexcept {
      const std::uint32_t block = block_of(local);
      return values[block][local - begin_of(block)];
    }
    void append(std::uint32_t local, const Fingerprint& fingerprint, Value&& value) {
      const std::uint32_t block = block_of(local);
      if (!fingerprints[block]) {
        fingerprints[block] = std::make_unique<Fingerprint[]>(std::size_t{first_block} << block);
        values[block] = std::make_unique<std::optional<Value>[]>(std::size_t{first_block} << block);
      }
      fingerprints[block][local - begin_of(block)] = fingerprint;
      values[block][local - begin_of(block)].emplace(std::move(value));
    }
    void grow() {
      std::vector<std::uint32_t> larger(index.size() * 2, 0);
      for (std::uint32_t local = 0; local < size; ++local) {
        std::size_t place = fingerprint(local).low & (larger.size() - 1);
        while (larger[place] != 0) place = (place + 1) & (larger.size() - 1);
        larger[place] = local + 1;
      }
      index = std::move(larger);
    }
  };

  const Part& part_of(InternId id) const noexcept { return parts_[id % parts]; }

  std::array<Part, parts> parts_;
};

}  // namespace peerbed::check
