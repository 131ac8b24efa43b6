#include "protocols/swarm/link/suggestions.h"

#include "tests/catch.h"

using namespace peerbed;
using namespace peerbed::swarm;
using namespace std::chrono_literals;

TEST_CASE("suggestions are taken in their order, and more than eight are passed over") {
  Suggestions suggestions;
  CHECK_FALSE(suggestions.spreads());
  CHECK_FALSE(suggestions.take());
  for (std::uint32_t piece = 0; piece < 10; ++piece) suggestions.add(piece, time_zero + 1s);
  for (std::uint32_t piece = 0; piece < 8; ++piece) CHECK(suggestions.take() == piece);
  CHECK_FALSE(suggestions.take());
  suggestions.add(3, time_zero + 2s);
  suggestions.clear();
  CHECK_FALSE(suggestions.take());
  CHECK(suggestions.spreads());
  CHECK(suggestions.last() == time_zero + 2s);
}
