#pragma once
// Tokens as in BEP 5: a node takes a value only from an address that has just received a token from it, so that nobody
// can store under a forged address. A token is a keyed hash of the address and the time; nothing is kept per address.

#include <cstdint>
#include <tuple>

#include "protocols/environment/address.h"
#include "protocols/environment/time.h"

namespace peerbed::kademlia {

// A token is good for one to two of these.
constexpr Duration token_period = std::chrono::minutes(5);

// SipHash-2-4 (Aumasson and Bernstein 2012) of these two words.
std::uint64_t siphash(std::uint64_t key_low, std::uint64_t key_high, std::uint64_t first,
                      std::uint64_t second) noexcept;

class Tokens {
 public:
  Tokens() = default;
  // The secret tells this process from all others.
  Tokens(std::uint64_t secret_low, std::uint64_t secret_high) noexcept : low_(secret_low), high_(secret_high) {}

  std::uint64_t token_for(Address address, Time now) const noexcept { return token(address, period_of(now)); }
  bool is_good(Address address, std::uint64_t token, Time now) const noexcept;

  auto fields() const { return std::tie(low_, high_); }

 private:
  static std::uint64_t period_of(Time now) noexcept {
    return static_cast<std::uint64_t>(nanoseconds_since_start(now) / token_period.count());
  }
  std::uint64_t token(Address address, std::uint64_t period) const noexcept {
    return siphash(low_, high_, address.value, period);
  }

  std::uint64_t low_ = 0;
  std::uint64_t high_ = 0;
};

}  // namespace peerbed::kademlia
