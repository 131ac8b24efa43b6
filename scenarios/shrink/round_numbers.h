#pragma once
// Numbers that are easy to read: 1, 2 or 5 times a power of ten, or with few digits.

#include <cstdint>
#include <vector>

namespace peerbed::scenarios {

// The least number of the form 1, 2 or 5 times a power of ten that is not below this one.
std::int64_t round_number(std::int64_t number);
// Numbers of this form below `number`, descending; `least`, a power of ten, is the last one.
std::vector<std::int64_t> rounder_below(std::int64_t number, std::int64_t least);
// The value rounded to this many leading digits, to the nearest such number and then to the one on the other side;
// nothing if it has no more digits.
std::vector<std::int64_t> rounded(std::int64_t value, int digits);

}  // namespace peerbed::scenarios
