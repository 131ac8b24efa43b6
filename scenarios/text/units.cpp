#include "scenarios/text/units.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <span>

namespace peerbed::scenarios {
namespace {

struct UnitOf {
  std::string_view name;
  std::uint64_t size;  // in the base unit
};

constexpr std::array<UnitOf, 7> duration_units{{{"d", 86'400'000'000'000},
                                                {"h", 3'600'000'000'000},
                                                {"min", 60'000'000'000},
                                                {"s", 1'000'000'000},
                                                {"ms", 1'000'000},
                                                {"us", 1'000},
                                                {"ns", 1}}};
constexpr std::array<UnitOf, 8> rate_units{{{"bit/s", 1},
                                            {"kbit/s", 1'000},
                                            {"Mbit/s", 1'000'000},
                                            {"Gbit/s", 1'000'000'000},
                                            {"B/s", 8},
                                            {"kB/s", 8'000},
                                            {"MB/s", 8'000'000},
                                            {"GB/s", 8'000'000'000}}};
constexpr std::array<UnitOf, 7> size_units{{{"B", 1},
                                            {"kB", 1'000},
                                            {"MB", 1'000'000},
                                            {"GB", 1'000'000'000},
                                            {"KiB", 1ULL << 10},
                                            {"MiB", 1ULL << 20},
                                            {"GiB", 1ULL << 30}}};
constexpr std::array<UnitOf, 3> drift_units{{{"ppb", 1}, {"ppm", 1'000}, {"%", 10'000'000}}};
constexpr std::array<UnitOf, 3> frequency_units{
    {{"/s", 1'000'000'000}, {"/min", 60'000'000'000}, {"/h", 3'600'000'000'000}}};

constexpr std::uint64_t longest_duration = 100ULL * 36'525 * 864'000'000'000;  // 100 years in nanoseconds
constexpr int most_digits = 19;  // enough for 100 years in nanoseconds, and any such number fits in 64 bits

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }

// A decimal number as written: digits / 10^decimals.
struct Decimal {
  std::uint64_t digits = 0;
  std::uint64_t divisor = 1;
};

// Takes a number from the front of `text`: digits, with a decimal point only between digits.
std::optional<Decimal> take_decimal(std::string_view& text) {
  Decimal decimal;
  int count = 0;
  std::size_t i = 0;
  bool after_point = false;
  for (; i < text.size(); ++i) {
    if (text[i] == '.' && !after_point && i > 0 && i + 1 < text.size() && is_digit(text[i + 1])) {
      after_point = true;
      continue;
    }
    if (!is_digit(text[i])) break;
    if (++count > most_digits) return std::nullopt;
    decimal.digits = decimal.digits * 10 + static_cast<std::uint64_t>(text[i] - '0');
    if (after_point) decimal.divisor *= 10;
  }
  if (count == 0) return std::nullopt;
  text.remove_prefix(i);
  return decimal;
}

std::optional<std::uint64_t> size_of_unit(std::span<const UnitOf> units, std::string_view name) {
  for (const UnitOf& unit : units)
    if (unit.name == name) return unit.size;
  return std::nullopt;
}

// numerator * factor / divisor, rounded up; nothing above `limit`.
std::optional<std::uint64_t> scaled(std::uint64_t numerator, std::uint64_t factor, std::uint64_t divisor,
                                    std::uint64_t limit) {
  __extension__ using Wide = unsigned __int128;
  const Wide product = static_cast<Wide>(numerator) * factor;
  const Wide result = (product + divisor - 1) / divisor;
  if (result > limit) return std::nullopt;
  return static_cast<std::uint64_t>(result);
}

std::optional<std::uint64_t> parse_quantity(std::string_view text, std::span<const UnitOf> units, std::uint64_t limit) {
  const auto decimal = take_decimal(text);
  if (!decimal) return std::nullopt;
  const auto unit = size_of_unit(units, text);
  if (!unit) return std::nullopt;
  return scaled(decimal->digits, *unit, decimal->divisor, limit);
}

bool take_minus(std::string_view& text) {
  if (text.empty() || text.front() != '-') return false;
  text.remove_prefix(1);
  return true;
}

std::string printed(const char* format, double value, const char* unit) {
  std::array<char, 64> buffer{};
  std::snprintf(buffer.data(), buffer.size(), format, value);
  return std::string(buffer.data()) + unit;
}

// At most three significant digits, without trailing zeros.
std::string three_digits(double value, const char* unit) {
  const double size = std::fabs(value);
  std::string text = printed(size < 9.995 ? "%.2f" : size < 99.95 ? "%.1f" : "%.0f", value, "");
  if (text.find('.') != std::string::npos) {
    text.erase(text.find_last_not_of('0') + 1);
    if (text.back() == '.') text.pop_back();
  }
  return text + unit;
}

}  // namespace

std::optional<Duration> parse_duration(std::string_view text) {
  const auto nanoseconds = parse_quantity(text, duration_units, longest_duration);
  if (!nanoseconds) return std::nullopt;
  return Duration(static_cast<std::int64_t>(*nanoseconds));
}

std::optional<Duration> parse_signed_duration(std::string_view text) {
  const bool negative = take_minus(text);
  const auto duration = parse_duration(text);
  return negative && duration ? std::optional(-*duration) : duration;
}

std::optional<sim::Rate> parse_rate(std::string_view text) {
  const auto rate = parse_quantity(text, rate_units, 1'000'000'000'000'000);
  if (!rate || *rate == 0) return std::nullopt;
  return sim::Rate{*rate};
}

bool is_no_rate(std::string_view text) { return text == "0" || parse_quantity(text, rate_units, 1) == 0U; }

std::optional<std::uint64_t> parse_size(std::string_view text) { return parse_quantity(text, size_units, 1ULL << 62); }

std::optional<double> parse_probability(std::string_view text) {
  if (text.empty() || text.back() != '%') return std::nullopt;
  text.remove_suffix(1);
  std::string_view rest = text;
  if (!take_decimal(rest) || !rest.empty()) return std::nullopt;
  const auto percent = parse_number(text);
  if (!percent || *percent > 100) return std::nullopt;
  return *percent / 100;
}

std::optional<std::int64_t> parse_drift(std::string_view text) {
  const bool negative = take_minus(text);
  const auto size = parse_quantity(text, drift_units, 500'000'000);
  if (!size) return std::nullopt;
  const auto drift = static_cast<std::int64_t>(*size);
  return negative ? -drift : drift;
}

std::optional<Duration> parse_frequency(std::string_view text) {
  const auto decimal = take_decimal(text);
  if (!decimal || decimal->digits == 0) return std::nullopt;
  const auto period = size_of_unit(frequency_units, text);
  if (!period) return std::nullopt;
  const auto mean = scaled(*period, decimal->divisor, decimal->digits, longest_duration);
  if (!mean) return std::nullopt;
  return Duration(static_cast<std::int64_t>(*mean));
}

std::optional<std::uint64_t> parse_count(std::string_view text) {
  std::uint64_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return count;
}

std::optional<double> parse_number(std::string_view text) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(number)) return std::nullopt;
  return number;
}

std::string write_duration(Duration duration) {
  const std::int64_t count = duration.count();
  const std::string sign = count < 0 ? "-" : "";
  const auto size = count < 0 ? 0 - static_cast<std::uint64_t>(count) : static_cast<std::uint64_t>(count);
  if (size == 0) return "0s";
  for (const UnitOf& unit : duration_units)
    if (size % unit.size == 0 && (unit.size >= 1'000'000 || size < 1'000'000))
      return sign + std::to_string(size / unit.size) + std::string(unit.name);
  std::string fraction = std::to_string(1'000'000'000 + size % 1'000'000'000);
  fraction.erase(fraction.find_last_not_of('0') + 1);
  fraction[0] = '.';
  return sign + std::to_string(size / 1'000'000'000) + fraction + "s";
}

std::string show_moment(Duration moment) {
  const auto milliseconds = moment.count() / 1'000'000;
  const int hours = static_cast<int>(milliseconds / 3'600'000);
  const int minutes = static_cast<int>(milliseconds / 60'000 % 60);
  const int seconds = static_cast<int>(milliseconds / 1'000 % 60);
  const int rest = static_cast<int>(milliseconds % 1'000);
  std::array<char, 64> text{};
  if (hours == 0)
    std::snprintf(text.data(), text.size(), "%d:%02d.%03d", minutes, seconds, rest);
  else
    std::snprintf(text.data(), text.size(), "%d:%02d:%02d.%03d", hours, minutes, seconds, rest);
  return text.data();
}

std::string show_duration(double nanoseconds) {
  const double size = std::fabs(nanoseconds);
  if (size < 999.5) return printed("%.0f", nanoseconds, "ns");
  if (size < 999.5e3) return three_digits(nanoseconds / 1e3, "us");
  if (size < 999.5e6) return three_digits(nanoseconds / 1e6, "ms");
  if (size < 120e9) return three_digits(nanoseconds / 1e9, "s");
  if (size < 7200e9) return three_digits(nanoseconds / 60e9, "min");
  return three_digits(nanoseconds / 3600e9, "h");
}

std::string show_size(double bytes) {
  if (bytes < 1024) return printed("%.0f", bytes, "B");
  if (bytes < 1023.5 * 1024) return three_digits(bytes / 1024, "KiB");
  if (bytes < 1023.5 * 1024 * 1024) return three_digits(bytes / 1024 / 1024, "MiB");
  return three_digits(bytes / 1024 / 1024 / 1024, "GiB");
}

std::string show_count(std::uint64_t count) {
  std::string digits = std::to_string(count);
  for (auto i = static_cast<std::ptrdiff_t>(digits.size()) - 3; i > 0; i -= 3)
    digits.insert(static_cast<std::size_t>(i), ",");
  return digits;
}

std::string show_counted(std::uint64_t count, std::string_view noun) {
  return show_count(count) + " " + std::string(noun) + (count == 1 ? "" : "s");
}

}  // namespace peerbed::scenarios
