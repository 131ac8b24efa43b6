#pragma once
// Refuses commands that request a file which no peer can have.

#include <span>
#include <string>
#include <vector>

#include "scenarios/protocol/protocol.h"

namespace peerbed::scenarios {

// Refuses a command whose file is not among `names`, the files on all disks, and a DOWN of a file that nobody adds.
void check_file_commands(std::vector<std::string> names, std::span<const CommandInFile> commands);

}  // namespace peerbed::scenarios
