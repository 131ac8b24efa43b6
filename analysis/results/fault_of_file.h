#pragma once
// Why a file cannot be read. Checked first, so that nobody waits for a pipe or reads a device that happens to have its
// name.

#include <string>

namespace peerbed::analysis {

// "is missing", "is a folder", "is a pipe", "cannot be read: Permission denied"; empty for a regular file that can be
// read.
std::string fault_of_file(const std::string& path);

}  // namespace peerbed::analysis
