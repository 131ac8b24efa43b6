#pragma once
// How files spell a metric: its unit, its better direction, and its value.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "protocols/environment/trace.h"

namespace peerbed::analysis {

// "count", "ns", "B", "share", or nothing.
std::string_view word_of(Unit unit) noexcept;
// "less", "more", or nothing.
std::string_view word_of(Better better) noexcept;
// Unknown words give Unit::none and Better::neither.
Unit unit_of(std::string_view word) noexcept;
Better better_of(std::string_view word) noexcept;

// 16 hexadecimal digits, as file roots are abbreviated.
std::string identifier_text(std::uint64_t identifier);
// The shortest decimal that parses back to the same number.
std::string exact_text(double value);
// Nothing if the whole text is not a number.
std::optional<double> exact_number(std::string_view text) noexcept;

}  // namespace peerbed::analysis
