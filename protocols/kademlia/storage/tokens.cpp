#include "protocols/kademlia/storage/tokens.h"

#include <bit>

namespace peerbed::kademlia {
namespace {

struct SipState {
  std::uint64_t v0, v1, v2, v3;

  void round() noexcept {
    v0 += v1;
    v1 = std::rotl(v1, 13) ^ v0;
    v0 = std::rotl(v0, 32);
    v2 += v3;
    v3 = std::rotl(v3, 16) ^ v2;
    v0 += v3;
    v3 = std::rotl(v3, 21) ^ v0;
    v2 += v1;
    v1 = std::rotl(v1, 17) ^ v2;
    v2 = std::rotl(v2, 32);
  }
  void take(std::uint64_t word) noexcept {
    v3 ^= word;
    round();
    round();
    v0 ^= word;
  }
};

}  // namespace

std::uint64_t siphash(std::uint64_t key_low, std::uint64_t key_high, std::uint64_t first,
                      std::uint64_t second) noexcept {
  SipState state{0x736F6D6570736575 ^ key_low, 0x646F72616E646F6D ^ key_high, 0x6C7967656E657261 ^ key_low,
                 0x7465646279746573 ^ key_high};
  state.take(first);
  state.take(second);
  state.take(std::uint64_t{16} << 56);  // the length of the input in bytes
  state.v2 ^= 0xFF;
  for (int i = 0; i < 4; ++i) state.round();
  return state.v0 ^ state.v1 ^ state.v2 ^ state.v3;
}

bool Tokens::is_good(Address address, std::uint64_t token, Time now) const noexcept {
  const std::uint64_t period = period_of(now);
  return token == this->token(address, period) || (period > 0 && token == this->token(address, period - 1));
}

}  // namespace peerbed::kademlia
