#pragma once
// JSON documents that are held as a tree, and how all of them are written.

#include <cmath>
#include <nlohmann/json_fwd.hpp>
#include <string>

namespace peerbed::analysis {

// Keeps its keys in the order in which they were added.
using Json = nlohmann::ordered_json;

// On one line, without a newline. Bytes that are not UTF-8 are replaced, here and below.
std::string json_line(const Json& json);
// Indented by two blanks, ending with a newline.
std::string json_page(const Json& json);

// Whether a number is written without a point and an exponent: it is whole, and all of its digits are significant.
inline bool is_plain_integer(double value) noexcept { return value == std::floor(value) && std::fabs(value) < 9e15; }
Json json_number(double value);

}  // namespace peerbed::analysis
