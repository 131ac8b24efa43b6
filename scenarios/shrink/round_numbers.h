#pragma once
// Numbers that are easy to read: with few digits.

#include <cstdint>
#include <vector>

namespace peerbed::scenarios {

// The least number of so many digits, followed by zeros, that is not below this one.
std::int64_t rounded_up(std::int64_t number, int digits = 1);
// Numbers that are 1, 2, 3, 5 or 7 times a power of ten and below `number`, descending; `least`, a power of ten, is the
// last one.
std::vector<std::int64_t> rounder_below(std::int64_t number, std::int64_t least);
// The number rounded to one, two and three leading digits, each time the nearer one first; none that have as many
// digits as itself.
std::vector<std::int64_t> rounder_than(std::int64_t number);

}  // namespace peerbed::scenarios
