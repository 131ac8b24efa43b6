#pragma once
// Quantities in the attributes of a topology, with a unit or without one, as files from several tools write them:
// "50", "50 ms", "0.05 s", "81920 Kibit", "10 Mbps", "64KiB". Units are case-sensitive except for the prefix k. Each
// function returns nothing for what is not a quantity or out of its range.

#include <cstdint>
#include <optional>
#include <string_view>

#include "protocols/environment/time.h"

namespace peerbed::sim {

// From 0 to 1 h. Units: ns us µs ms s and their names; none: milliseconds.
std::optional<Duration> parse_latency_attribute(std::string_view text) noexcept;

// In bits a second, from 1 to 1e18. Units: bit B and their names, with the prefixes k M G T (powers of 1000) and
// Ki Mi Gi Ti (powers of 1024) or their names, followed by nothing, "/s" or "ps"; "bps" is bits a second. None: `unit`
// bits a second.
std::optional<std::uint64_t> parse_rate_attribute(std::string_view text, double unit) noexcept;

// From 0 to 1: a number, or a percentage.
std::optional<double> parse_share_attribute(std::string_view text) noexcept;

// In bytes, from 1 to 1e18. Units: B with the same prefixes; none: bytes.
std::optional<std::uint64_t> parse_size_attribute(std::string_view text) noexcept;

}  // namespace peerbed::sim
