#include "analysis/plot/scale.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace peerbed::analysis {
namespace {

// The least of 1, 2 and 5 times a power of ten that is at least `least`.
double round_step(double least) {
  const double power = std::pow(10, std::floor(std::log10(least)));
  for (const double factor : {1.0, 2.0, 5.0})
    if (factor * power >= least * (1 - 1e-9)) return factor * power;
  return 10 * power;
}

std::string with_separators(std::string digits) {
  const std::size_t begin = digits.starts_with('-') ? 1 : 0;
  std::size_t position = std::min(digits.find('.'), digits.size());
  while (position > begin + 3) digits.insert(position -= 3, ",");
  return digits;
}

std::vector<Tick> linear_ticks(const Range& range, const Measure& measure, std::size_t most) {
  const double low = range.low / measure.size;
  const double high = range.high / measure.size;
  const double step = round_step((high - low) / static_cast<double>(most));
  std::vector<Tick> all;
  const double first = std::ceil(low / step - 1e-6);
  const auto count = static_cast<std::size_t>(std::max(0.0, std::floor(high / step + 1e-6) - first + 1));
  for (std::size_t i = 0; i < count; ++i) {
    const double value = (first + static_cast<double>(i)) * step;
    all.push_back({value * measure.size, tick_text(value)});
  }
  return all;
}

// Powers of ten; if there are few, also twice and five times those.
std::vector<Tick> logarithmic_ticks(const Range& range, const Measure& measure, std::size_t most) {
  const double low = std::log10(range.low / measure.size);
  const double high = std::log10(range.high / measure.size);
  const double decades = high - low;
  const std::vector<double> factors =
      decades * 3 <= static_cast<double>(most) ? std::vector<double>{1, 2, 5} : std::vector<double>{1};
  const int step = std::max(1, static_cast<int>(std::ceil(decades / static_cast<double>(most))));
  std::vector<Tick> all;
  for (int power = static_cast<int>(std::floor(low / step)) * step; power <= high + 1e-9; power += step)
    for (const double factor : factors) {
      const double value = factor * std::pow(10, power);
      if (std::log10(value) < low - 1e-9 || std::log10(value) > high + 1e-9) continue;
      all.push_back({value * measure.size, tick_text(value)});
    }
  return all;
}

}  // namespace

Measure measure_for(Unit unit, const std::string& metric, double largest) {
  const auto last_below = [largest](std::initializer_list<Measure> all) {
    Measure chosen = *all.begin();
    for (const Measure& each : all)
      if (largest >= each.size) chosen = each;
    return chosen;
  };
  switch (unit) {
    case Unit::nanoseconds: {
      // Minutes and hours only if the range spans several: 90 s is easier to read than 1.5 min.
      Measure chosen = last_below({{1, "ns"}, {1e3, "µs"}, {1e6, "ms"}, {1e9, "s"}});
      if (largest >= 300e9) chosen = {60e9, "min"};
      if (largest >= 3 * 3600e9) chosen = {3600e9, "h"};
      return chosen;
    }
    case Unit::bytes:
      return last_below({{1, "B"}, {1024, "KiB"}, {1048576, "MiB"}, {1073741824, "GiB"}, {1099511627776, "TiB"}});
    case Unit::flag:
      return {0.01, "%"};
    case Unit::count:
    case Unit::identifier:
    case Unit::address:
    case Unit::code:
      return {};
    case Unit::none:
      break;
  }
  return metric.ends_with("_seconds") ? Measure{1, "s"} : Measure{};
}

void Range::include(double value) noexcept {
  low = std::min(low, value);
  high = std::max(high, value);
}

Scale::Scale(Range values, bool is_logarithmic, double begin, double end)
    : values_(values), is_logarithmic_(is_logarithmic), begin_(begin), end_(end) {}

double Scale::part_of(double value) const noexcept {
  const auto shown = [this](double each) { return is_logarithmic_ ? std::log(each) : each; };
  if (is_logarithmic_ && value <= values_.low) return 0;
  return (shown(value) - shown(values_.low)) / (shown(values_.high) - shown(values_.low));
}

double Scale::position_of(double value) const noexcept {
  return begin_ + std::clamp(part_of(value), 0.0, 1.0) * (end_ - begin_);
}

Range round_range(Range values, bool is_logarithmic, const Measure& measure) {
  if (is_logarithmic) {
    // Extends both ends to the next of 1, 2 and 5 times a power of ten.
    const double low = 1 / round_step(1 / (values.low / measure.size));
    const double high = round_step(values.high / measure.size);
    return {low * measure.size, (high > low ? high : low * 10) * measure.size};
  }
  if (values.low > 0 && values.low < values.high / 2) values.low = 0;
  if (values.high <= values.low) {
    const double margin = values.low == 0 ? measure.size : std::fabs(values.low) * 0.05;
    values = {values.low == 0 ? 0 : values.low - margin, values.high + margin};
  }
  const double step = round_step((values.high - values.low) / 6);
  return {std::floor(values.low / step + 1e-9) * step, std::ceil(values.high / step - 1e-9) * step};
}

std::vector<Tick> ticks(const Range& range, bool is_logarithmic, const Measure& measure, std::size_t most) {
  return is_logarithmic ? logarithmic_ticks(range, measure, most) : linear_ticks(range, measure, most);
}

std::string tick_text(double value) {
  const double size = std::fabs(value);
  std::array<char, 64> text{};
  const bool is_plain = value == 0 || (size >= 1e-5 && size < 1e9);
  // Six digits are more than any axis needs, and hide rounding errors.
  const auto end =
      is_plain ? std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed,
                               std::clamp(5 - static_cast<int>(std::floor(std::log10(size + 1e-9))), 0, 10))
                     .ptr
               : std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::scientific, 2).ptr;
  std::string shown(text.data(), end);
  const std::size_t exponent = std::min(shown.find('e'), shown.size());
  std::string mantissa = shown.substr(0, exponent);
  if (mantissa.find('.') != std::string::npos) {
    mantissa.erase(mantissa.find_last_not_of('0') + 1);
    if (mantissa.back() == '.') mantissa.pop_back();
  }
  if (mantissa == "-0") mantissa = "0";
  return with_separators(mantissa) + shown.substr(exponent);
}

}  // namespace peerbed::analysis
