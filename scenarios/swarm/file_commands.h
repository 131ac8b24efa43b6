#pragma once
// Refuses a scenario's commands that request a file which no peer can have.

#include <span>
#include <string>
#include <vector>

#include "scenarios/protocol/protocol.h"

namespace peerbed::scenarios {

// Refuses a command whose file is not among `names`, those of all files on disks, and a DOWN of one that nobody adds.
void check_file_commands(std::vector<std::string> names, std::span<const CommandInFile> commands);

}  // namespace peerbed::scenarios
