#pragma once
// The command that runs one node of a scenario whose nodes are processes. The program starts it; users do not.

#include <string>
#include <vector>

#include "scenarios/backends/process_backend.h"

namespace peerbed::app {

// The arguments that make this program run one planned node.
std::vector<std::string> command_of_node(const scenarios::NodePlan& plan);

}  // namespace peerbed::app
