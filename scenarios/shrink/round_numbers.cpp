#include "scenarios/shrink/round_numbers.h"

#include <algorithm>

namespace peerbed::scenarios {
namespace {

constexpr int most_digits = 3;

}  // namespace

std::int64_t rounded_up(std::int64_t number, int digits) {
  std::int64_t most = 1;
  for (int i = 0; i < digits; ++i) most *= 10;
  std::int64_t unit = 1;
  while (number / unit >= most) unit *= 10;
  return number / unit * unit + (number % unit == 0 ? 0 : unit);
}

std::vector<std::int64_t> rounder_below(std::int64_t number, std::int64_t least) {
  std::vector<std::int64_t> numbers;
  for (std::int64_t power = least; power < number && power <= INT64_MAX / 10; power *= 10)
    for (const std::int64_t digit : {1, 2, 3, 5, 7})
      if (digit * power < number) numbers.push_back(digit * power);
  std::reverse(numbers.begin(), numbers.end());
  return numbers;
}

std::vector<std::int64_t> rounder_than(std::int64_t number) {
  const std::int64_t size = number < 0 ? -number : number;
  const std::int64_t sign = number < 0 ? -1 : 1;
  std::int64_t unit = 1;
  while (size / unit >= 10) unit *= 10;
  std::vector<std::int64_t> values;
  for (int digits = 1; digits <= most_digits && unit > 0 && size % unit != 0; ++digits, unit /= 10) {
    const std::int64_t down = size / unit * unit;
    const bool is_nearer = size - down <= unit / 2;
    values.push_back(sign * (is_nearer ? down : down + unit));
    values.push_back(sign * (is_nearer ? down + unit : down));
  }
  return values;
}

}  // namespace peerbed::scenarios
