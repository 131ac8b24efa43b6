#include "sim/network/attribute_units.h"

#include <charconv>
#include <cmath>
#include <utility>

#include "sim/random/distribution.h"

namespace peerbed::sim {

namespace {

constexpr double largest_count = 1e18;

// A finite number and what follows it, without blanks between them.
std::optional<std::pair<double, std::string_view>> split(std::string_view text) noexcept {
  const auto is_blank = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; };
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || !std::isfinite(number)) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  return std::pair(number, text);
}

// Removes a prefix such as M, Mi or mega from the front of a unit, and returns its factor.
double take_prefix(std::string_view& unit) noexcept {
  constexpr std::pair<std::string_view, double> names[] = {{"kilo", 1e3},    {"mega", 1e6},    {"giga", 1e9},
                                                           {"tera", 1e12},   {"kibi", 0x1p10}, {"mebi", 0x1p20},
                                                           {"gibi", 0x1p30}, {"tebi", 0x1p40}};
  for (const auto& [name, factor] : names)
    if (unit.starts_with(name)) {
      unit.remove_prefix(name.size());
      return factor;
    }
  constexpr std::string_view prefixes = "kMGT";
  if (unit.empty()) return 1;
  const std::size_t power = prefixes.find(unit.front() == 'K' ? 'k' : unit.front());
  if (power == std::string_view::npos) return 1;
  unit.remove_prefix(1);
  const bool is_binary = !unit.empty() && unit.front() == 'i';
  if (is_binary) unit.remove_prefix(1);
  double factor = 1;
  for (std::size_t i = 0; i <= power; ++i) factor *= is_binary ? 1024 : 1000;
  return factor;
}

std::optional<std::uint64_t> whole(double value) noexcept {
  if (!(value >= 1) || value > largest_count) return std::nullopt;
  return static_cast<std::uint64_t>(value);
}

}  // namespace

std::optional<Duration> parse_latency_attribute(std::string_view text) noexcept {
  constexpr std::pair<std::string_view, double> units[] = {{"", 1e6},
                                                           {"ns", 1},
                                                           {"us", 1e3},
                                                           {"\u00B5s", 1e3},
                                                           {"\u03BCs", 1e3},
                                                           {"ms", 1e6},
                                                           {"s", 1e9},
                                                           {"nanosecond", 1},
                                                           {"nanoseconds", 1},
                                                           {"microsecond", 1e3},
                                                           {"microseconds", 1e3},
                                                           {"millisecond", 1e6},
                                                           {"milliseconds", 1e6},
                                                           {"second", 1e9},
                                                           {"seconds", 1e9},
                                                           {"usec", 1e3},
                                                           {"msec", 1e6},
                                                           {"sec", 1e9},
                                                           {"secs", 1e9}};
  const auto parts = split(text);
  if (!parts || parts->first < 0) return std::nullopt;
  for (const auto& [unit, nanoseconds] : units) {
    if (parts->second != unit) continue;
    const double delay = parts->first * nanoseconds;
    if (delay > 3.6e12) return std::nullopt;
    return round_up(delay);
  }
  return std::nullopt;
}

std::optional<std::uint64_t> parse_rate_attribute(std::string_view text, double unit) noexcept {
  const auto parts = split(text);
  if (!parts) return std::nullopt;
  auto [number, rest] = *parts;
  if (rest.empty()) return whole(number * unit);
  const double factor = take_prefix(rest);
  for (const std::string_view bits : {"bit", "bits", "bit/s", "bits/s", "bitps", "bps", "b/s"})
    if (rest == bits) return whole(number * factor);
  for (const std::string_view bytes : {"B", "B/s", "Bps", "byte", "bytes", "byte/s", "bytes/s"})
    if (rest == bytes) return whole(number * factor * 8);
  return std::nullopt;
}

std::optional<double> parse_share_attribute(std::string_view text) noexcept {
  const auto parts = split(text);
  if (!parts || !(parts->second.empty() || parts->second == "%")) return std::nullopt;
  const double share = parts->second.empty() ? parts->first : parts->first / 100;
  return share >= 0 && share <= 1 ? std::optional(share) : std::nullopt;
}

std::optional<std::uint64_t> parse_size_attribute(std::string_view text) noexcept {
  const auto parts = split(text);
  if (!parts) return std::nullopt;
  auto [number, rest] = *parts;
  const double factor = take_prefix(rest);
  if (!rest.empty() && rest != "B" && rest != "byte" && rest != "bytes") return std::nullopt;
  return whole(number * factor);
}

}  // namespace peerbed::sim
