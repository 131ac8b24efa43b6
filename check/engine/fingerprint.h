#pragma once
// What stands for a state once it has been seen: 128 bits of its canonical bytes. Two of 10^8 states share one with a
// probability of about 10^-23.

#include <cstdint>

#include "protocols/environment/codec.h"

namespace peerbed::check {

struct Fingerprint {
  std::uint64_t low = 0;
  std::uint64_t high = 0;

  friend constexpr bool operator==(const Fingerprint&, const Fingerprint&) = default;
  friend constexpr auto operator<=>(const Fingerprint&, const Fingerprint&) = default;

  // The sum of fingerprints is the fingerprint of a multiset: it does not depend on their order.
  constexpr Fingerprint& operator+=(const Fingerprint& other) noexcept {
    low += other.low;
    high += other.high;
    return *this;
  }
};

// XXH3 with 128 bits. The seed tells apart what has equal bytes.
Fingerprint fingerprint_of(Bytes bytes, std::uint64_t seed = 0) noexcept;

}  // namespace peerbed::check
