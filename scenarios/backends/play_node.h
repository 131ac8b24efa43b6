#pragma once
// Runs one node of a scenario whose nodes are processes.

#include "scenarios/backends/process_backend.h"

namespace peerbed::scenarios {

// In a node's process: plays its part until whoever runs the scenario has gone, and returns. Throws as SocketBackend
// does.
void play_node(const NodePlan& plan, const Scenario& scenario);

}  // namespace peerbed::scenarios
