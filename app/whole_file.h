#pragma once
// Files that are read whole.

#include <cstddef>
#include <string>

namespace peerbed::app {

// Throws FileError, with `remedy` behind "FILE: is missing; ", when it is not there, or is larger than `most` bytes.
std::string read_whole(const std::string& file, const std::string& remedy, std::size_t most);

}  // namespace peerbed::app
