#pragma once
// Quantities as people write them: `40ms`, `20Mbit/s`, `512MiB`, `5%`. A quantity without a unit is refused, never
// guessed. Parsing is exact integer arithmetic and rounds up once. Whatever a write_* function writes parses back to
// the same value.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "protocols/environment/time.h"
#include "sim/core/types.h"

namespace peerbed::scenarios {

// What error messages say was expected.
inline constexpr std::string_view expected_duration = "a duration with its unit, such as 40ms, 5s, 2min or 1h";
inline constexpr std::string_view expected_rate = "a rate with its unit, such as 64kbit/s, 20Mbit/s or 10MB/s";
inline constexpr std::string_view expected_size = "a size with its unit, such as 1500B, 64KiB or 512MiB";
inline constexpr std::string_view expected_probability = "a share from 0% to 100%, such as 5%";
inline constexpr std::string_view expected_drift = "a clock drift with its unit, such as 50ppm or -20ppm";
inline constexpr std::string_view expected_frequency = "a frequency with its unit, such as 10/s, 6/min or 1/h";

// Units: ns us ms s min h d. From 0 to 100 years.
std::optional<Duration> parse_duration(std::string_view text);
// The same with an optional minus sign.
std::optional<Duration> parse_signed_duration(std::string_view text);
// Units: bit/s kbit/s Mbit/s Gbit/s, and in bytes B/s kB/s MB/s GB/s (powers of 1000). More than 0.
std::optional<sim::Rate> parse_rate(std::string_view text);
// Whether it is a rate of nothing: 0, or 0 with a unit.
bool is_no_rate(std::string_view text);
// Bytes. Units: B kB MB GB (powers of 1000), KiB MiB GiB (powers of 1024). At most 2^62.
std::optional<std::uint64_t> parse_size(std::string_view text);
// A percentage, as a number from 0 to 1.
std::optional<double> parse_probability(std::string_view text);
// Parts per billion. Units: ppb ppm %; from -50% to 50%.
std::optional<std::int64_t> parse_drift(std::string_view text);
// The mean interval for a rate such as "10/s". The rate is above 0.
std::optional<Duration> parse_frequency(std::string_view text);
// A whole number without sign or point.
std::optional<std::uint64_t> parse_count(std::string_view text);
// A finite decimal number.
std::optional<double> parse_number(std::string_view text);

// In the largest unit that gives a whole number, 90s or 20ms, or else in seconds with a fraction: 60.802124674s.
std::string write_duration(Duration duration);
// For people, like a clock, to the millisecond: 1:05.020, or 2:00:00.000 after an hour.
std::string show_moment(Duration moment);
// For people: three significant digits, 1.52s, 40ms.
std::string show_duration(double nanoseconds);
// For people: 1.21MiB.
std::string show_size(double bytes);
// For people: 1,234,567.
std::string show_count(std::uint64_t count);
// For people: "1 fault", "1,200 faults".
std::string show_counted(std::uint64_t count, std::string_view noun);

}  // namespace peerbed::scenarios
