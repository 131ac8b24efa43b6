#pragma once
// Numbers that are easy to read: 1, 2 or 5 times a power of ten, or with few digits.

#include <cstdint>
#include <vector>

namespace peerbed::scenarios {

// The least number of the form 1, 2 or 5 times a power of ten that is not below this one.
std::int64_t round_number(std::int64_t number);
// Numbers of this form below `number`, descending; `least`, a power of ten, is the last one.
std::vector<std::int64_t> rounder_below(std::int64_t number, std::int64_t least);
// The number rounded to one, two and three leading digits, each time the nearer one first; none that have as many
// digits as itself.
std::vector<std::int64_t> rounder_than(std::int64_t number);

}  // namespace peerbed::scenarios
