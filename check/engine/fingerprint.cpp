#include "check/engine/fingerprint.h"

#include <xxhash.h>

namespace peerbed::check {

Fingerprint fingerprint_of(Bytes bytes, std::uint64_t seed) noexcept {
  const XXH128_hash_t hash = XXH3_128bits_withSeed(bytes.data(), bytes.size(), seed);
  return {hash.low64, hash.high64};
}

}  // namespace peerbed::check
