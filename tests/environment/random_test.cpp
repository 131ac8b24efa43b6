#include "protocols/environment/random.h"

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <set>

#include "protocols/environment/environment.h"
#include "tests/catch.h"

namespace peerbed {
namespace {

TEST_CASE("the mixer is SplitMix64's") {
  // The first outputs of the reference implementation for the seed 1234567 (Vigna, splitmix64.c).
  KeyedStream stream(1234567);
  CHECK(stream.next() == 6457827717110365317ULL);
  CHECK(stream.next() == 3203168211198807973ULL);
  CHECK(stream.next() == 9817491932198370423ULL);
  CHECK(stream.next() == 4593380528125082431ULL);
  CHECK(stream.next() == 16408922859458223821ULL);
}

TEST_CASE("a key depends on each of its words and on their order") {
  std::set<std::uint64_t> keys;
  for (std::uint64_t seed = 0; seed < 8; ++seed)
    for (std::uint64_t node = 0; node < 8; ++node)
      for (std::uint64_t purpose = 0; purpose < 8; ++purpose) keys.insert(key_of(seed, node, purpose));
  CHECK(keys.size() == 512);
  CHECK(key_of(1, 2, 3) != key_of(1, 3, 2));
  CHECK(key_of(1, 2) != key_of(1, 2, 0));
}

TEST_CASE("a unit draw is at least zero and below one") {
  CHECK(to_unit(0) == 0.0);
  CHECK(to_unit(UINT64_MAX) < 1.0);
  CHECK(to_unit(UINT64_MAX) == 1.0 - 0x1p-53);
}

TEST_CASE("a bounded draw stays below its bound and reaches every value") {
  CHECK(to_below(0, 10) == 0);
  CHECK(to_below(UINT64_MAX, 10) == 9);
  CHECK(to_below(UINT64_MAX, 1) == 0);
  KeyedStream stream(7);
  std::array<int, 6> seen{};
  for (int i = 0; i < 6000; ++i) ++seen[stream.below(6)];
  for (const int count : seen) CHECK((count > 850 && count < 1150));  // 1000 +- 5 standard deviations
}

TEST_CASE("draws for one purpose do not affect those for another") {
  const auto draws_of_purpose_one = [](int others_between) {
    DrawCounts counts{};
    Effects effects;
    Environment environment(time_zero, Address{1}, key_of(42, 0), counts, effects);
    std::vector<std::uint64_t> draws;
    for (int i = 0; i < 4; ++i) {
      for (int k = 0; k < others_between; ++k) environment.draw(0);
      draws.push_back(environment.draw(1));
    }
    return draws;
  };
  CHECK(draws_of_purpose_one(0) == draws_of_purpose_one(3));
}

TEST_CASE("the count of draws outlives the handler") {
  DrawCounts counts{};
  Effects effects;
  const auto draw_in_a_new_handler = [&] {
    return Environment(time_zero, Address{1}, key_of(42, 0), counts, effects).draw(3);
  };
  const std::uint64_t first = draw_in_a_new_handler();
  CHECK(first != draw_in_a_new_handler());
  counts[3] = 0;
  CHECK(first == draw_in_a_new_handler());
}

TEST_CASE("a draw for a purpose without a count violates a contract") {
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    std::signal(SIGABRT, SIG_DFL);  // not Catch's report
    DrawCounts counts{};
    Effects effects;
    Environment(time_zero, Address{1}, key_of(42, 0), counts, effects).draw(maximum_purposes);
    ::_exit(0);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE(WIFSIGNALED(status));
  CHECK(WTERMSIG(status) == SIGABRT);
}

}  // namespace
}  // namespace peerbed
