#pragma once
// Values larger than one datagram: parts stored under their own keys, and in the value's place a record that lists
// them. docs/ring.md gives the layout of both.

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <tuple>
#include <vector>

#include "protocols/environment/codec.h"
#include "protocols/environment/hash.h"
#include "protocols/environment/time.h"
#include "protocols/ring/base/key.h"
#include "protocols/ring/base/options.h"

namespace peerbed::ring {

constexpr std::size_t maximum_large_value = 1'048'576;  // bytes
constexpr std::size_t part_size = 992;                  // bytes of the value in each part but the last one
constexpr unsigned least_key_bits = 32;                 // in a smaller space parts would meet one another

// Records and parts begin with marks; a value of anybody's that begins alike is stored in parts, however small.
constexpr std::uint64_t mark_prefix = 0x00504250'00000000;  // NUL, "PBP"
constexpr std::uint64_t mark_mask = 0xFFFFFFFF'00000000;
constexpr std::uint64_t record_mark = mark_prefix | 0x52454331;  // "REC1"
constexpr std::uint64_t part_mark = mark_prefix | 0x50525431;    // "PRT1"

inline bool fits_one_datagram(Bytes value) noexcept {
  Reader reader(value);
  return value.size() <= maximum_value_size && (reader.integer<std::uint64_t>() & mark_mask) != mark_prefix;
}

// The parts of one value, as its record says.
struct PartSet {
  std::uint64_t name = 0;  // of the put that made them: no other put has parts of these keys
  std::uint32_t size = 0;  // of the value
  std::uint64_t hash = 0;  // of its bytes
  friend bool operator==(const PartSet&, const PartSet&) = default;
  auto fields() const { return std::tie(name, size, hash); }

  static PartSet of(std::uint64_t name, Bytes value) noexcept {
    return {name, static_cast<std::uint32_t>(value.size()), hash_bytes(value, name)};
  }
  std::uint32_t count() const noexcept { return static_cast<std::uint32_t>((size + part_size - 1) / part_size); }
  std::size_t size_of(std::size_t part) const noexcept { return std::min(part_size, size - part * part_size); }
  bool makes(Bytes value) const noexcept { return of(name, value) == *this; }

  static std::optional<PartSet> read(Bytes record) noexcept {
    Reader reader(record);
    const auto mark = reader.integer<std::uint64_t>();
    PartSet set;
    std::uint32_t count = 0;
    reader.integers(set.name, set.size, count, set.hash);
    const bool is_record = reader.complete() && mark == record_mark && set.size <= maximum_large_value;
    return is_record && count == set.count() ? std::optional(set) : std::nullopt;
  }
  std::vector<std::byte> record() const {
    std::vector<std::byte> bytes(32);
    Writer writer(bytes);
    writer.integers(record_mark, name, size, count(), hash);
    return bytes;
  }
};

// One part: of which value, which one, and its bytes.
struct Part {
  Key value{};
  std::uint64_t set = 0;
  std::uint32_t number = 0;
  Bytes bytes{};

  Key key(KeySpace space) const noexcept { return space.wrap(key_of(value.value, set, number)); }

  static std::optional<Part> read(Bytes bytes) noexcept {
    Reader reader(bytes);
    const auto mark = reader.integer<std::uint64_t>();
    Part part;
    reader.integers(part.value.value, part.set, part.number);
    part.bytes = reader.bytes(reader.remaining());
    return reader.complete() && mark == part_mark ? std::optional(part) : std::nullopt;
  }
  std::vector<std::byte> write() const {
    std::vector<std::byte> written(28 + bytes.size());
    Writer writer(written);
    writer.integers(part_mark, value.value, set, number);
    writer.bytes(bytes);
    return written;
  }
};

constexpr unsigned maximum_transfer_rounds = 4;  // of one transfer
// A put of parts that takes longer has failed; parts outlive their record by twice the time.
constexpr Duration longest_transfer = std::chrono::minutes(30);

}  // namespace peerbed::ring
