#include "scenarios/shrink/round_numbers.h"

#include <algorithm>
#include <utility>

namespace peerbed::scenarios {

std::int64_t round_number(std::int64_t number) {
  for (std::int64_t power = 1; power <= INT64_MAX / 10; power *= 10)
    for (const std::int64_t digit : {1, 2, 5})
      if (digit * power >= number) return digit * power;
  return INT64_MAX;
}

std::vector<std::int64_t> rounder_below(std::int64_t number, std::int64_t least) {
  std::vector<std::int64_t> numbers;
  for (std::int64_t power = least; power < number && power <= INT64_MAX / 10; power *= 10)
    for (const std::int64_t digit : {1, 2, 5})
      if (digit * power < number) numbers.push_back(digit * power);
  std::reverse(numbers.begin(), numbers.end());
  return numbers;
}

std::vector<std::int64_t> rounded(std::int64_t value, int digits) {
  const bool is_negative = value < 0;
  const std::int64_t size = is_negative ? -value : value;
  std::int64_t unit = 1;
  std::int64_t limit = 1;
  for (int i = 0; i < digits; ++i) limit *= 10;
  while (size / unit >= limit) unit *= 10;
  if (size % unit == 0) return {};
  const std::int64_t down = size / unit * unit;
  std::vector<std::int64_t> values{down + unit, down};
  if (size - down < unit - (size - down)) std::swap(values[0], values[1]);
  if (is_negative)
    for (std::int64_t& each : values) each = -each;
  return values;
}

}  // namespace peerbed::scenarios
