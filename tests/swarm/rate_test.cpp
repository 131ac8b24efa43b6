#include "protocols/swarm/base/rate.h"

#include "tests/catch.h"

using namespace peerbed;
using namespace peerbed::swarm;
using namespace std::chrono_literals;

TEST_CASE("a steady pace is measured, and a new one found within some deliveries") {
  RateMeter meter;
  CHECK_FALSE(meter.is_known());
  CHECK(meter.rate() == 0);
  CHECK(meter.time_for(1000) == 0ns);
  for (int i = 0; i < 3; ++i) meter.add(65'536, 10ms);
  CHECK(meter.rate() == Approx(6'553'600).epsilon(0.01));
  CHECK(meter.time_for(65'536).count() == Approx(10e6).epsilon(0.01));
  for (int i = 0; i < 40; ++i) meter.add(65'536, 40ms);
  CHECK(meter.rate() == Approx(1'638'400).epsilon(0.02));
}

TEST_CASE("a limit is kept on average, whatever the size of what is spent") {
  TokenBucket bucket(80'000);  // 10,000 bytes a second
  std::uint64_t spent = 0;
  Time now = time_zero;
  while (now < time_zero + 100s) {
    if (bucket.may_spend(now)) {
      bucket.spend(7'000);
      spent += 7'000;
    } else {
      REQUIRE(bucket.wait() > 0ns);
      now += bucket.wait();
    }
  }
  CHECK(spent == Approx(1'000'000).epsilon(0.02));
}

TEST_CASE("a limit that was not used for long does not allow a long burst") {
  TokenBucket bucket(80'000);
  std::uint64_t burst = 0;
  for (; bucket.may_spend(time_zero + 1000s); burst += 100) bucket.spend(100);
  CHECK(burst <= 1'100);
}

TEST_CASE("without a limit nothing waits") {
  TokenBucket bucket(0);
  for (int i = 0; i < 100; ++i) {
    CHECK(bucket.may_spend(time_zero));
    bucket.spend(1'000'000'000);
  }
  CHECK(bucket.wait() == 0ns);
}
