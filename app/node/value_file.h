#pragma once
// Reads and writes values of a ring as files, or on standard input and output. Throws FileError with the remedy.

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace peerbed::app {

// All of a file, or of standard input without one; at most as much as a value has.
std::vector<std::byte> read_value(const std::optional<std::string>& file);

// Throws now what write_value would throw of the file's name alone.
void refuse_unwritable(const std::optional<std::string>& file);
// The file is there whole or as it was. It takes the place of a regular file, and of nothing else.
void write_value(const std::string& file, std::span<const std::byte> value);
// Its bytes on standard output; to a terminal text alone.
void print_value(const std::string& name, std::span<const std::byte> value);

std::string base64_of(std::span<const std::byte> value);

}  // namespace peerbed::app
