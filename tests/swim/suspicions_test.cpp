#include "protocols/swim/suspicions.h"

#include <cmath>

#include "tests/catch.h"

using namespace peerbed;
using namespace peerbed::swim;
using namespace std::chrono_literals;

namespace {

constexpr Address address(std::uint32_t host) { return Address::ipv4(host, 1); }

Suspicion suspicion(std::size_t confirmations) {
  Suspicion all;
  all.member = address(1);
  all.begun = time_zero + 5s;
  all.shortest = 10s;
  all.longest = 60s;
  all.confirmations = confirmations;
  all.accusers.add(address(2));
  return all;
}

}  // namespace

TEST_CASE("a suspicion's wait shrinks with the logarithm of its confirmations") {
  for (std::size_t expected = 1; expected <= maximum_confirmations; ++expected) {
    Suspicions suspicions;
    suspicions.add(suspicion(expected));
    for (std::size_t c = 0; c <= expected; ++c) {
      const double share = std::log(static_cast<double>(c) + 1) / std::log(static_cast<double>(expected) + 1);
      const double seconds = std::chrono::duration<double>(suspicions.earliest_deadline() - (time_zero + 5s)).count();
      CHECK(std::abs(seconds - (60 - 50 * share)) < 0.3);
      CHECK(suspicions.confirm(address(1), address(static_cast<std::uint32_t>(3 + c))) == (c < expected));
    }
  }
}

TEST_CASE("a suspicion that nobody can confirm has the shortest wait") {
  CHECK(suspicion(0).deadline() == time_zero + 15s);
}

TEST_CASE("a confirmation counts once for each accuser, and for suspects alone") {
  Suspicions suspicions;
  suspicions.add(suspicion(3));
  CHECK_FALSE(suspicions.confirm(address(1), address(2)));
  CHECK(suspicions.confirm(address(1), address(3)));
  CHECK_FALSE(suspicions.confirm(address(1), address(3)));
  CHECK_FALSE(suspicions.confirm(address(9), address(4)));
}

TEST_CASE("a suspicion is overdue at its deadline, once, and never after it has ended") {
  Suspicions suspicions;
  suspicions.add(suspicion(0));
  CHECK_FALSE(suspicions.take_overdue(time_zero + 14s).has_value());
  REQUIRE(suspicions.take_overdue(time_zero + 15s).has_value());
  CHECK_FALSE(suspicions.take_overdue(time_zero + 15s).has_value());
  suspicions.add(suspicion(0));
  suspicions.end(address(1));
  CHECK(suspicions.earliest_deadline() == never);
}

TEST_CASE("suspicions in larger groups are longer, by the logarithm of their size") {
  CHECK(suspicion_thousandths(2) == 1000);
  CHECK(suspicion_thousandths(10) == 4 * 301);
  for (const std::size_t size : {100U, 1000U, 10'000U}) {
    const double thousandths = 1000 * std::log10(static_cast<double>(size));
    CHECK(static_cast<double>(suspicion_thousandths(size)) >= thousandths);
    CHECK(static_cast<double>(suspicion_thousandths(size)) < thousandths + 302);
  }
}
