#pragma once
// The commands of the program. Each returns an exit code, and throws UsageError, ScenarioError, FileError or
// std::runtime_error for what it cannot do.

#include <string>
#include <vector>

#include "app/options.h"
#include "scenarios/protocol.h"
#include "scenarios/scenario.h"
#include "sim/event_queue.h"

namespace peerbed::app {

using Words = std::vector<std::string>;

struct Invocation {
  std::string program;  // as it was called, so that what the program suggests can be typed as it stands
  Words words;          // after the command's name
  const scenarios::Registry& registry;
};

int run_command(const Invocation& invocation);
int sweep_command(const Invocation& invocation);
int compare_command(const Invocation& invocation);
int run_node_command(const Invocation& invocation);
int parity_command(const Invocation& invocation);
int replay_command(const Invocation& invocation);
int validate_command(const Invocation& invocation);
int list_command(const Invocation& invocation);
int node_command(const Invocation& invocation);
int key_command(const Invocation& invocation);

// The queue that `--queue` names.
sim::EventQueueKind queue_of(const Arguments& arguments);

// What --seed and --set say, and PEERBED_SEED.
std::vector<scenarios::Override> overrides_of(const Arguments& arguments);

// A scenario by its path, or by the name of one in the box. Throws ScenarioError when there is neither.
std::string find_scenario(const std::string& name);
// The folder of the scenarios in the box; empty when there is none.
std::string scenario_folder();

}  // namespace peerbed::app
