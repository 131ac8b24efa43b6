#pragma once
// Reads whole files.

#include <cstddef>
#include <string>

namespace peerbed::app {

// Of one file of a run.
constexpr std::size_t most_file_bytes = std::size_t{256} << 20;

// Throws FileError, with `remedy` behind "FILE: is missing; ", when it is not there, is no regular file, or is larger
// than `most` bytes.
std::string read_whole(const std::string& file, const std::string& remedy, std::size_t most);

}  // namespace peerbed::app
