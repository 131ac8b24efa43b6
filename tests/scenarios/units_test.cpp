#include "scenarios/text/units.h"

#include "tests/catch.h"

using namespace peerbed;
using namespace peerbed::scenarios;
using namespace std::chrono_literals;

TEST_CASE("durations are parsed exactly, in every unit") {
  CHECK(parse_duration("250us") == Duration(250us));
  CHECK(parse_duration("40ms") == Duration(40ms));
  CHECK(parse_duration("1.5s") == Duration(1500ms));
  CHECK(parse_duration("2min") == Duration(120s));
  CHECK(parse_duration("1h") == Duration(1h));
  CHECK(parse_duration("1d") == Duration(24h));
  CHECK(parse_duration("0s") == Duration(0));
  CHECK(parse_duration("60.802124674s") == Duration(60'802'124'674));
}

TEST_CASE("a duration finer than a nanosecond is rounded up") { CHECK(parse_duration("0.3ns") == Duration(1)); }

TEST_CASE("durations without a unit, with a sign, or too long are refused") {
  for (const char* text : {"", "5", "s", "-5s", "+5s", "5 s", "5S", "5sec", ".5s", "5.s", "1e3s", "0x5s", "101d1h",
                           "99999999999h", "99999999999999999999s", "5s "})
    CHECK_FALSE(parse_duration(text));
}

TEST_CASE("every written duration parses back to itself") {
  for (const std::int64_t count : {0LL, 1LL, 999LL, 1000LL, 1'234'567LL, 40'000'000LL, 60'802'124'674LL,
                                   90'000'000'000LL, 3'600'000'000'000LL, 157'680'000'000'000'001LL}) {
    CAPTURE(count, write_duration(Duration(count)));
    CHECK(parse_duration(write_duration(Duration(count))) == Duration(count));
    CHECK(parse_signed_duration(write_duration(Duration(-count))) == Duration(-count));
  }
  CHECK(write_duration(90s) == "90s");
  CHECK(write_duration(Duration(60'802'124'674)) == "60.802124674s");
}

TEST_CASE("rates, sizes, shares, drifts and frequencies need their units") {
  CHECK(parse_rate("20Mbit/s") == sim::Rate{20'000'000});
  CHECK(parse_rate("1.5kbit/s") == sim::Rate{1500});
  CHECK_FALSE(parse_rate("0bit/s"));
  CHECK(parse_rate("10MB/s") == sim::Rate{80'000'000});
  CHECK(parse_rate("1.5B/s") == sim::Rate{12});
  CHECK_FALSE(parse_rate("20MiB/s"));
  CHECK(parse_size("512MiB") == std::uint64_t{512} << 20);
  CHECK(parse_size("64kB") == 64'000u);
  CHECK(parse_size("1500B") == 1500u);
  CHECK_FALSE(parse_size("1500"));
  CHECK(parse_probability("5%") == 0.05);
  CHECK(parse_probability("0%") == 0.0);
  CHECK(parse_probability("100%") == 1.0);
  for (const char* text : {"0.05", "101%", "-1%", "%", "5 %", "nan%", "1e1%"}) CHECK_FALSE(parse_probability(text));
  CHECK(parse_drift("50ppm") == 50'000);
  CHECK(parse_drift("-1%") == -10'000'000);
  CHECK_FALSE(parse_drift("50"));
  CHECK(parse_frequency("10/s") == Duration(100ms));
  CHECK(parse_frequency("6/min") == Duration(10s));
  CHECK_FALSE(parse_frequency("0/s"));
}

TEST_CASE("counts are whole numbers without a sign") {
  CHECK(parse_count("18446744073709551615") == UINT64_MAX);
  for (const char* text : {"", "-3", "+3", "3.0", "1e3", "18446744073709551616", "3 "}) CHECK_FALSE(parse_count(text));
}

TEST_CASE("moments are shown like a clock") {
  CHECK(show_moment(0s) == "0:00.000");
  CHECK(show_moment(65'020ms) == "1:05.020");
  CHECK(show_moment(2h + 5'999'999us) == "2:00:05.999");
}

TEST_CASE("quantities are shown to people in few digits") {
  CHECK(show_duration(1.5e9) == "1.5s");
  CHECK(show_duration(276.4e6) == "276ms");
  CHECK(show_duration(600e9) == "10min");
  CHECK(show_size(1'500'000) == "1.43MiB");
  CHECK(show_count(1'234'567) == "1,234,567");
  CHECK(show_count(12) == "12");
}
