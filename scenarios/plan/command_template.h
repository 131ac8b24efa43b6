#pragma once
// Command lines with placeholders: {key} is a random 64-bit number, {number} counts the commands of its stream from 0,
// {below:N} is a random number below N, {text:N} is N random letters.

#include <cstdint>
#include <string>
#include <string_view>

#include "protocols/environment/random.h"

namespace peerbed::scenarios {

constexpr std::uint64_t longest_text = 4096;

// What is wrong with a template, in one sentence; empty if nothing is.
std::string fault_of_template(std::string_view line);
// The line for the `number`-th command. The template must be valid.
std::string filled_in(std::string_view line, std::uint64_t number, KeyedStream& draws);
// The same with the smallest and with the largest possible values, for command numbers up to `last`.
std::string filled_in_least(std::string_view line);
std::string filled_in_most(std::string_view line, std::uint64_t last);
// The same with `*` for each placeholder.
std::string filled_in_any(std::string_view line);

}  // namespace peerbed::scenarios
