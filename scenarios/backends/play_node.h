#pragma once
// The part of one node in a scenario whose nodes are processes of their own.

#include "scenarios/backends/process_backend.h"

namespace peerbed::scenarios {

// In a node's process: plays its part until whoever runs the scenario has gone, and returns. Throws as SocketBackend
// does.
void play_node(const NodePlan& plan, const Scenario& scenario);

}  // namespace peerbed::scenarios
