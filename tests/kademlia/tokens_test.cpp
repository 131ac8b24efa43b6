#include "protocols/kademlia/storage/tokens.h"

#include "tests/catch.h"

using namespace peerbed;
using namespace peerbed::kademlia;
using namespace std::chrono_literals;

// The key is 00 01 .. 0f and the input 00 01 .. 0f; the reference implementation's vector for 16 bytes.
TEST_CASE("SipHash-2-4 of sixteen bytes is that of the reference implementation") {
  CHECK(siphash(0x0706050403020100, 0x0F0E0D0C0B0A0908, 0x0706050403020100, 0x0F0E0D0C0B0A0908) == 0x3F2ACC7F57C29BDB);
}

TEST_CASE("a token is good for the address it was given to, for five minutes to ten") {
  const Tokens tokens(1, 2);
  const Address address = Address::ipv4(7, 8);
  const Time now = time_zero + 1h;
  const std::uint64_t token = tokens.token_for(address, now);
  CHECK(tokens.is_good(address, token, now));
  CHECK(tokens.is_good(address, token, now + 5min));
  CHECK_FALSE(tokens.is_good(address, token, now + 10min));
  CHECK_FALSE(tokens.is_good(Address::ipv4(7, 9), token, now));
  CHECK_FALSE(tokens.is_good(address, token ^ 1, now));
  CHECK_FALSE(Tokens(1, 3).is_good(address, token, now));
}
