#pragma once
// Files that only this process and its children know, and that are gone with them: how a child reports to its parent.

#include <cstddef>
#include <string>

#include "adapter/base/file_descriptor.h"

namespace peerbed::app {

// Throws FileError if the system has no room for one.
adapter::FileDescriptor unnamed_file();

// The first `most` bytes.
std::string content_of(const adapter::FileDescriptor& file, std::size_t most);

// Returns whether all was written.
bool write_all(int file, const std::string& bytes);

}  // namespace peerbed::app
