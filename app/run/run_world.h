#pragma once
// Where a scenario runs: in the simulated network, or over this machine's real sockets in one of several ways.

#include "app/cli/commands.h"
#include "app/cli/options.h"
#include "scenarios/run/run_scenario.h"

namespace peerbed::app {

enum class RunWorld : std::uint8_t {
  simulation,
  in_process,  // all nodes in this process, over loopback
  processes,   // each node a process, over loopback
  namespaces,  // each node a process in a network namespace of its own
};

// The options that say how a scenario is run over sockets.
extern const Option in_process_option;
extern const Option processes_option;
extern const Option netns_option;

// As --on and these say. Throws UsageError when they contradict one another.
RunWorld run_world_of(const Arguments& arguments);
// Likewise, where it is clear that sockets are meant.
RunWorld sockets_of(const Arguments& arguments);

// Runs the scenario there; `options` name the actions.
scenarios::RunResult run_in(RunWorld world, const scenarios::Scenario& scenario, const scenarios::RunOptions& options);

}  // namespace peerbed::app
