#pragma once
// Files that are read or written whole.

#include <cstddef>
#include <string>

namespace peerbed::app {

// Throws FileError, with `remedy` behind "FILE: is missing; ", when it is not there, or is larger than `most` bytes.
std::string read_whole(const std::string& file, const std::string& remedy, std::size_t most);

// Throws FileError when there is something of that name.
void refuse_existing(const std::string& file);

// The file has all of the text or is as it was before, whatever happens. Throws FileError.
void write_whole(const std::string& file, const std::string& text);

}  // namespace peerbed::app
