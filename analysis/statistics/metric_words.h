#pragma once
// How files spell a metric: its unit, which way of it is better, and its value.

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
// What other words say is Unit::none and Better::neither.
Unit unit_of(std::string_view word) noexcept;
Better better_of(std::string_view word) noexcept;

// 16 hexadecimal digits, as roots of files begin with.
std::string identifier_text(std::uint64_t identifier);
// The shortest decimal that is read back as the same number.
std::string exact_text(double value);
// Nothing when the text is no number, or does not end with it.
std::optional<double> exact_number(std::string_view text) noexcept;

}  // namespace peerbed::analysis
