#pragma once
// Runs one node of a scenario whose nodes are processes.

#include "scenarios/backends/process_backend.h"

namespace peerbed::scenarios {

// Runs the node in this process until the process that runs the scenario has gone. Throws as SocketBackend does.
void play_node(const NodePlan& plan, const Scenario& scenario);

}  // namespace peerbed::scenarios
