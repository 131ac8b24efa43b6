#pragma once
// Reads whole files.

#include <cstddef>
#include <string>

namespace peerbed::app {

// The limit for one file of a run.
constexpr std::size_t most_file_bytes = std::size_t{256} << 20;

// Throws FileError if the file is missing (with "FILE: is missing; " followed by `remedy`), is not a regular file, or
// is larger than `most` bytes.
std::string read_whole(const std::string& file, const std::string& remedy, std::size_t most);

}  // namespace peerbed::app
