#pragma once
// Reads and writes values of a ring as files, or on standard input and output. Throws FileError with the remedy.

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace peerbed::app {

// Reads a whole file, or standard input without one; at most the largest value's size.
std::vector<std::byte> read_value(const std::optional<std::string>& file);

// Throws now what write_value would throw because of the file's name.
void refuse_unwritable(const std::optional<std::string>& file);
// Writes the file completely or leaves it as it was. It replaces a regular file, and nothing else.
void write_value(const std::string& file, std::span<const std::byte> value);
// Writes the bytes to standard output; to a terminal, only text.
void print_value(const std::string& name, std::span<const std::byte> value);

std::string base64_of(std::span<const std::byte> value);

}  // namespace peerbed::app
