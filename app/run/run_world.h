#pragma once
// Where a scenario runs: in the simulated network, or over this machine's real sockets in one of several ways.

#include "app/cli/commands.h"
#include "app/cli/options.h"
#include "scenarios/run/run_scenario.h"

namespace peerbed::app {

enum class RunWorld : std::uint8_t {
  simulation,
  in_process,  // all nodes in this process, over loopback
  processes,   // each node in its own process, over loopback
  namespaces,  // each node in its own process and network namespace
};

// The options that select how a scenario runs over sockets.
extern const Option in_process_option;
extern const Option processes_option;
extern const Option netns_option;

// The world selected by --on and these options. Throws UsageError if they contradict one another.
RunWorld run_world_of(const Arguments& arguments);
// The same for commands that always use sockets.
RunWorld sockets_of(const Arguments& arguments);

// Runs the scenario in that world.
scenarios::RunResult run_in(RunWorld world, const scenarios::Scenario& scenario, const scenarios::RunOptions& options);

}  // namespace peerbed::app
