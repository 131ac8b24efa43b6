#include "protocols/swim/suspicions.h"

#include <cmath>

#include "tests/catch.h"

using namespace peerbed;
using namespace peerbed::swim;
using namespace std::chrono_literals;

namespace {

constexpr Address address(std::uint32_t host) { return Address::ipv4(host, 1); }

constexpr Time begun = time_zero + 5s;

Patience patience(std::size_t confirmations) {
  return {.shortest = 10s, .longest = 60s, .confirmations = confirmations};
}

// The first member is suspected by the second.
Suspicions suspected() {
  Suspicions suspicions;
  suspicions.begin(address(1), address(2), begun);
  return suspicions;
}

}  // namespace

TEST_CASE("a suspicion's wait shrinks with the logarithm of its confirmations") {
  for (std::size_t expected = 1; expected <= maximum_confirmations; ++expected) {
    Suspicions suspicions = suspected();
    for (std::size_t c = 0; c <= expected; ++c) {
      const double share = std::log(static_cast<double>(c) + 1) / std::log(static_cast<double>(expected) + 1);
      const Duration wait = suspicions.earliest_deadline(patience(expected)) - begun;
      CHECK(std::abs(std::chrono::duration<double>(wait).count() - (60 - 50 * share)) < 0.3);
      const Address accuser = address(static_cast<std::uint32_t>(3 + c));
      CHECK(suspicions.confirm(patience(expected), address(1), accuser) == (c < expected));
    }
  }
}

TEST_CASE("a suspicion that nobody can confirm has the shortest wait") {
  CHECK(suspected().earliest_deadline(patience(0)) == begun + 10s);
}

TEST_CASE("a confirmation counts once for each accuser, and for suspects alone") {
  Suspicions suspicions = suspected();
  CHECK_FALSE(suspicions.confirm(patience(3), address(1), address(2)));
  CHECK(suspicions.confirm(patience(3), address(1), address(3)));
  CHECK_FALSE(suspicions.confirm(patience(3), address(1), address(3)));
  CHECK_FALSE(suspicions.confirm(patience(3), address(9), address(4)));
}

TEST_CASE("a suspicion is overdue at its deadline, once, and never after it has ended") {
  Suspicions suspicions = suspected();
  CHECK_FALSE(suspicions.take_overdue(patience(0), begun + 9s).has_value());
  CHECK(suspicions.take_overdue(patience(0), begun + 10s) == address(1));
  CHECK_FALSE(suspicions.take_overdue(patience(0), begun + 10s).has_value());
  suspicions = suspected();
  suspicions.end(address(1));
  CHECK(suspicions.earliest_deadline(patience(0)) == never);
}

TEST_CASE("suspicions in larger groups are longer, by the logarithm of their size") {
  const auto shortest = [](std::size_t members) { return Patience::of({}, members).shortest; };
  CHECK(shortest(1) == 4s);
  CHECK(shortest(2) == 4s);
  CHECK(shortest(10) == 4 * 1204ms);
  for (const std::size_t size : {100U, 1000U, 10'000U}) {
    const double seconds = std::chrono::duration<double>(shortest(size)).count();
    CHECK(seconds >= 4 * std::log10(static_cast<double>(size)));
    CHECK(seconds < 4 * (std::log10(static_cast<double>(size)) + 0.302));
  }
}

TEST_CASE("in small groups, no more confirmations are waited for than there can be") {
  CHECK(Patience::of({}, 1).confirmations == 0);
  CHECK(Patience::of({}, 2).confirmations == 0);
  CHECK(Patience::of({}, 4).confirmations == 2);
  CHECK(Patience::of({}, 100).confirmations == maximum_confirmations);
  CHECK(Patience::of({.suspicion_spread = 1}, 100).confirmations == 0);
}
