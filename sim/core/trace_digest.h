#pragma once
// A running 64-bit digest (XXH3) of words and bytes. Words are absorbed in little-endian order, so the digest is the
// same on every machine.

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>

struct XXH3_state_s;

namespace peerbed::sim {

class TraceDigest {
 public:
  TraceDigest();
  TraceDigest(const TraceDigest&);
  TraceDigest(TraceDigest&&) noexcept = default;
  TraceDigest& operator=(const TraceDigest& other) { return *this = TraceDigest(other); }
  TraceDigest& operator=(TraceDigest&&) noexcept = default;
  ~TraceDigest() = default;

  void words(std::span<const std::uint64_t> words) noexcept { bytes(std::as_bytes(words)); }
  void bytes(std::span<const std::byte> bytes) noexcept {
    if (bytes.size() > buffer_.size() - used_) {
      flush();
      if (bytes.size() > buffer_.size()) return absorb(bytes);
    }
    if (bytes.empty()) return;
    std::memcpy(buffer_.data() + used_, bytes.data(), bytes.size());
    used_ += bytes.size();
  }
  std::uint64_t value() const;

 private:
  struct Free {
    void operator()(XXH3_state_s* state) const noexcept;
  };
  void flush() noexcept;
  void absorb(std::span<const std::byte> bytes) noexcept;

  std::unique_ptr<XXH3_state_s, Free> state_;
  std::array<std::byte, 4096> buffer_;
  std::size_t used_ = 0;
};

}  // namespace peerbed::sim
