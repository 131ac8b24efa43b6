#include "analysis/statistics/metric_words.h"

#include <array>
#include <charconv>

namespace peerbed::analysis {

std::string_view word_of(Unit unit) noexcept {
  switch (unit) {
    case Unit::count:
      return "count";
    case Unit::nanoseconds:
      return "ns";
    case Unit::bytes:
      return "B";
    case Unit::flag:
      return "share";
    case Unit::none:
    case Unit::identifier:
    case Unit::address:
    case Unit::code:
      break;
  }
  return "";
}

std::string_view word_of(Better better) noexcept {
  switch (better) {
    case Better::less:
      return "less";
    case Better::more:
      return "more";
    case Better::neither:
      break;
  }
  return "";
}

Unit unit_of(std::string_view word) noexcept {
  for (const Unit unit : {Unit::count, Unit::nanoseconds, Unit::bytes, Unit::flag})
    if (word == word_of(unit)) return unit;
  return Unit::none;
}

Better better_of(std::string_view word) noexcept {
  for (const Better better : {Better::less, Better::more})
    if (word == word_of(better)) return better;
  return Better::neither;
}

std::string identifier_text(std::uint64_t identifier) {
  std::string digits(16, '0');
  for (std::size_t i = digits.size(); i-- > 0; identifier >>= 4) digits[i] = "0123456789abcdef"[identifier & 15];
  return digits;
}

std::string exact_text(double value) {
  std::array<char, 40> text{};
  return {text.data(), std::to_chars(text.data(), text.data() + text.size(), value).ptr};
}

std::optional<double> exact_number(std::string_view text) noexcept {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace peerbed::analysis
