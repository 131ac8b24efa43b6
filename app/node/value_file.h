#pragma once
// Reads and writes values of a ring as files, or on standard input and output. Throws FileError with the remedy.

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace peerbed::app {

// Reads a whole file, or standard input if there is none; at most the size of the largest value.
std::vector<std::byte> read_value(const std::optional<std::string>& file);

// Throws now what write_value would throw because of the file's name.
void refuse_unwritable(const std::optional<std::string>& file);
// Writes the file completely or leaves it as it was. It replaces only a regular file.
void write_value(const std::string& file, std::span<const std::byte> value);
// Writes the bytes to standard output; to a terminal only if they are text.
void print_value(const std::string& name, std::span<const std::byte> value);

std::string base64_of(std::span<const std::byte> value);

}  // namespace peerbed::app
