#include "sim/core/trace_digest.h"

#include <xxhash.h>

#include <bit>

namespace peerbed::sim {

static_assert(std::endian::native == std::endian::little, "digests are made of little-endian words");

void TraceDigest::Free::operator()(XXH3_state_s* state) const noexcept { XXH3_freeState(state); }

TraceDigest::TraceDigest() : state_(XXH3_createState()) { XXH3_64bits_reset(state_.get()); }

TraceDigest::TraceDigest(const TraceDigest& other)
    : state_(XXH3_createState()), buffer_(other.buffer_), used_(other.used_) {
  XXH3_copyState(state_.get(), other.state_.get());
}

void TraceDigest::flush() noexcept {
  absorb(std::span(buffer_).first(used_));
  used_ = 0;
}

void TraceDigest::absorb(std::span<const std::byte> bytes) noexcept {
  XXH3_64bits_update(state_.get(), bytes.data(), bytes.size());
}

std::uint64_t TraceDigest::value() const {
  TraceDigest finished(*this);
  finished.flush();
  return XXH3_64bits_digest(finished.state_.get());
}

}  // namespace peerbed::sim
