#pragma once
// Bytes of content as runs of equal ones, so that a file of a check may be as large as a protocol wants its pieces, and
// still be a few words.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <tuple>
#include <vector>

#include "check/engine/fingerprint.h"
#include "protocols/environment/codec.h"
#include "protocols/environment/content.h"
#include "protocols/environment/contract.h"

namespace peerbed::check {

class StoredContent {
 public:
  StoredContent() = default;
  explicit StoredContent(Bytes bytes) {
    for (const std::byte byte : bytes) append(byte, 1);
  }

  std::uint64_t size() const noexcept { return size_; }
  void append(std::byte value, std::uint64_t count) {
    if (count == 0) return;
    size_ += count;
    if (!runs_.empty() && runs_.back().value == value)
      runs_.back().size += count;
    else
      runs_.push_back({count, value});
  }
  void append(const StoredContent& other) {
    for (const Run& run : other.runs_) append(run.value, run.size);
  }

  // A range of what is here.
  StoredContent part(std::uint64_t offset, std::uint64_t size) const {
    PEERBED_CONTRACT(offset <= size_ && size <= size_ - offset, "a part of content lies within it");
    StoredContent part;
    for (const Run& run : runs_) {
      const std::uint64_t skipped = std::min(offset, run.size);
      const std::uint64_t taken = std::min(size, run.size - skipped);
      part.append(run.value, taken);
      offset -= skipped;
      size -= taken;
    }
    return part;
  }
  // Replaces what is there; what was never written is zero.
  void write(std::uint64_t offset, const StoredContent& bytes) {
    StoredContent changed = part(0, std::min(offset, size_));
    changed.append(std::byte{0}, offset - changed.size());
    changed.append(bytes);
    if (const std::uint64_t end = changed.size(); end < size_) changed.append(part(end, size_ - end));
    *this = std::move(changed);
  }
  void harm() noexcept {
    for (Run& run : runs_) run.value = ~run.value;
  }

  std::vector<std::byte> bytes() const {
    std::vector<std::byte> bytes;
    bytes.reserve(size_);
    for (const Run& run : runs_) bytes.insert(bytes.end(), run.size, run.value);
    return bytes;
  }
  // What stands for its SHA-256: different bytes have different ones.
  std::vector<std::byte> hash() const {
    std::vector<std::byte> runs;
    for (const Run& run : runs_) {
      runs.push_back(run.value);
      for (unsigned shift = 0; shift < 64; shift += 8) runs.push_back(static_cast<std::byte>(run.size >> shift));
    }
    std::vector<std::byte> hash;
    for (const std::uint64_t seed : {11, 12}) {
      const Fingerprint half = fingerprint_of(runs, seed);
      for (const std::uint64_t word : {half.low, half.high})
        for (unsigned shift = 0; shift < 64; shift += 8) hash.push_back(static_cast<std::byte>(word >> shift));
    }
    static_assert(sha256_size == 32);
    return hash;
  }

  friend bool operator==(const StoredContent&, const StoredContent&) = default;
  auto fields() const { return std::tie(runs_); }

 private:
  struct Run {
    std::uint64_t size = 0;
    std::byte value{};
    friend bool operator==(const Run&, const Run&) = default;
    auto fields() const { return std::tie(size, value); }
  };

  std::vector<Run> runs_;  // neighbours differ
  std::uint64_t size_ = 0;
};

}  // namespace peerbed::check
